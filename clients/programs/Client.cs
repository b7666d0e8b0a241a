// HttpClient of .NET in its default settings: a call for each line of stdin.
using System;
using System.IO;
using System.IO.Compression;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;

class Client {
    static void Main() {
        var client = new HttpClient();
        for (var line = Console.ReadLine(); line != null; line = Console.ReadLine()) {
            var step = line.Split('\x1f');
            string answer;
            try {
                answer = Send(client, step);
            } catch (Exception error) {
                answer = "0\x1f\x1f" + (error.InnerException ?? error).ToString().Replace('\n', ' ');
            }
            Console.WriteLine(answer);
            Console.Out.Flush();
        }
    }

    static string Send(HttpClient client, string[] step) {
        var request = new HttpRequestMessage(new HttpMethod(step[0]), step[1]);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", step[2]);
        if (step[3] != "") request.Headers.Add("Idempotency-Key", step[3]);
        if (step[0] != "GET") {
            request.Content = new ByteArrayContent(Body(step[4], step[5]));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            if (step[4] == "gzip") request.Content.Headers.ContentEncoding.Add("gzip");
        }
        var response = client.SendAsync(request).Result;
        var body = response.Content.ReadAsStringAsync().Result;
        return (int) response.StatusCode + "\x1f" + response.Headers.RetryAfter + "\x1f" + body;
    }

    static byte[] Body(string form, string text) {
        if (form == "") return Encoding.UTF8.GetBytes(text);
        if (form != "gzip") return Encoding.UTF8.GetBytes(new string(' ', int.Parse(form)));
        var packed = new MemoryStream();
        using (var zipped = new GZipStream(packed, CompressionMode.Compress)) {
            var bytes = Encoding.UTF8.GetBytes(text);
            zipped.Write(bytes, 0, bytes.Length);
        }
        return packed.ToArray();
    }
}
