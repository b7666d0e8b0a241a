import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import java.net.URI;

/** Apache HttpClient 5 in its default settings: a call for each line of stdin. */
public class ApacheClient {
    public static void main(String[] arguments) throws Exception {
        CloseableHttpClient client = HttpClients.createDefault();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] step = line.split("\u001f", -1);
            try {
                HttpUriRequestBase request = new HttpUriRequestBase(step[0], URI.create(step[1]));
                request.setHeader("Authorization", "Bearer " + step[2]);
                if (!step[3].isEmpty()) request.setHeader("Idempotency-Key", step[3]);
                if (step[4].equals("gzip")) request.setHeader("Content-Encoding", "gzip");
                if (!step[0].equals("GET"))
                    request.setEntity(new ByteArrayEntity(body(step[4], step[5]), ContentType.create("application/json")));
                String answer = client.execute(request, response -> {
                    Header retryAfter = response.getFirstHeader("Retry-After");
                    String said = retryAfter == null ? "" : retryAfter.getValue();
                    return response.getCode() + "\u001f" + said + "\u001f" + EntityUtils.toString(response.getEntity());
                });
                System.out.println(answer);
            } catch (Exception error) {
                System.out.println("0\u001f\u001f" + error.toString().replace('\n', ' '));
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
}
