<?php // The curl extension of PHP in its default settings, on one handle: a call for each line of stdin.
$curl = curl_init();
while (($line = fgets(STDIN)) !== false) {
    [$method, $url, $apiKey, $key, $form, $text] = explode("\x1f", rtrim($line, "\n"));
    $headers = ["Authorization: Bearer $apiKey", "Content-Type: application/json"];
    if ($key !== "") $headers[] = "Idempotency-Key: $key";
    if ($form === "gzip") $headers[] = "Content-Encoding: gzip";
    $body = $form === "gzip" ? gzencode($text) : ($form === "" ? $text : str_repeat(" ", (int) $form));
    $retryAfter = "";
    curl_reset($curl);
    curl_setopt_array($curl, [
        CURLOPT_URL => $url,
        CURLOPT_CUSTOMREQUEST => $method,
        CURLOPT_HTTPHEADER => $headers,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_HEADERFUNCTION => function ($_, $header) use (&$retryAfter) {
            [$name, $value] = explode(":", $header, 2) + [1 => ""];
            if (strtolower($name) === "retry-after") $retryAfter = trim($value);
            return strlen($header);
        },
    ]);
    if ($method !== "GET") curl_setopt($curl, CURLOPT_POSTFIELDS, $body);
    $answer = curl_exec($curl);
    $status = $answer === false ? 0 : curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
    echo implode("\x1f", [$status, $retryAfter, $answer === false ? curl_error($curl) : $answer]), "\n";
}
