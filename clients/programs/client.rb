# Net::HTTP of Ruby in its default settings, on one connection: a call for each line of stdin.
require "net/http"
require "uri"
require "zlib"

$stdout.sync = true
http = nil
while (line = $stdin.gets)
  method, url, api_key, key, form, text = line.chomp.split("\x1f", -1)
  uri = URI(url)
  request = Net::HTTP.const_get(method.capitalize).new(uri)
  request["Authorization"] = "Bearer #{api_key}"
  request["Content-Type"] = "application/json"
  request["Idempotency-Key"] = key unless key.empty?
  request["Content-Encoding"] = "gzip" if form == "gzip"
  unless method == "GET"
    request.body = form == "gzip" ? Zlib.gzip(text) : form.empty? ? text : " " * form.to_i
  end
  begin
    http ||= Net::HTTP.start(uri.host, uri.port)
    response = http.request(request)
    puts [response.code, response["Retry-After"], response.body].join("\x1f")
  rescue StandardError => error
    puts [0, "", "#{error.class}: #{error.message.tr("\n", " ")}"].join("\x1f")
  end
end
