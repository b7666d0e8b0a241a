import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;

/** Java's HttpClient in its default settings: a call for each line of stdin. */
public class JavaClient {
    public static void main(String[] arguments) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] step = line.split("\u001f", -1);
            try {
                HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(step[1]))
                    .header("Authorization", "Bearer " + step[2])
                    .header("Content-Type", "application/json");
                if (!step[3].isEmpty()) request.header("Idempotency-Key", step[3]);
                if (step[4].equals("gzip")) request.header("Content-Encoding", "gzip");
                request.method(step[0], step[0].equals("GET") ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body(step[4], step[5])));
                HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
                print(response.statusCode(), response.headers().firstValue("Retry-After").orElse(""), response.body());
            } catch (Exception error) {
                print(0, "", error.toString().replace('\n', ' '));
            }
        }
    }

    static byte[] body(String form, String text) throws Exception {
        if (form.isEmpty()) return text.getBytes(StandardCharsets.UTF_8);
        if (!form.equals("gzip")) return " ".repeat(Integer.parseInt(form)).getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream zipped = new GZIPOutputStream(packed)) {
            zipped.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return packed.toByteArray();
    }

    static void print(int status, String retryAfter, String body) {
        System.out.println(status + "\u001f" + retryAfter + "\u001f" + body);
        System.out.flush();
    }
}
