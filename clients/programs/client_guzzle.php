<?php // Guzzle in its default settings, but for the errors it makes of statuses: a call for each line of stdin.
require "GuzzleHttp/autoload.php";

$client = new GuzzleHttp\Client();
while (($line = fgets(STDIN)) !== false) {
    [$method, $url, $apiKey, $key, $form, $text] = explode("\x1f", rtrim($line, "\n"));
    $headers = ["Authorization" => "Bearer $apiKey", "Content-Type" => "application/json"];
    if ($key !== "") $headers["Idempotency-Key"] = $key;
    if ($form === "gzip") $headers["Content-Encoding"] = "gzip";
    $body = $form === "gzip" ? gzencode($text) : ($form === "" ? $text : str_repeat(" ", (int) $form));
    try {
        $options = ["headers" => $headers, "http_errors" => false] + ($method === "GET" ? [] : ["body" => $body]);
        $response = $client->request($method, $url, $options);
        $answer = [$response->getStatusCode(), $response->getHeaderLine("Retry-After"), $response->getBody()];
    } catch (Exception $error) {
        $answer = [0, "", str_replace("\n", " ", get_class($error) . ": " . $error->getMessage())];
    }
    echo implode("\x1f", $answer), "\n";
}
