// net/http of Go in its default settings: a call for each line of stdin.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
)

func main() {
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		status, retryAfter, body, err := send(strings.Split(strings.TrimRight(line, "\n"), "\x1f"))
		if err != nil {
			body = strings.ReplaceAll(err.Error(), "\n", " ")
		}
		fmt.Printf("%d\x1f%s\x1f%s\n", status, retryAfter, body)
	}
}

func send(step []string) (int, string, string, error) {
	body := []byte(step[5])
	if step[4] == "gzip" {
		var packed bytes.Buffer
		zipped := gzip.NewWriter(&packed)
		zipped.Write(body)
		zipped.Close()
		body = packed.Bytes()
	} else if step[4] != "" {
		size, _ := strconv.Atoi(step[4])
		body = bytes.Repeat([]byte(" "), size)
	}
	request, err := http.NewRequest(step[0], step[1], bytes.NewReader(body))
	if err != nil {
		return 0, "", "", err
	}
	request.Header.Set("Authorization", "Bearer "+step[2])
	request.Header.Set("Content-Type", "application/json")
	if step[3] != "" {
		request.Header.Set("Idempotency-Key", step[3])
	}
	if step[4] == "gzip" {
		request.Header.Set("Content-Encoding", "gzip")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", "", err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, "", "", err
	}
	return response.StatusCode, response.Header.Get("Retry-After"), string(answer), nil
}
