import java.io.FileReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Billing: writes invoices through JDBC, asks another service for taxes, renders statements in memory, reads its properties. */
public class Billing {
    private static final Logger LOG = Logger.getLogger("shop.billing");

    interface Work {
        String run() throws Exception;
    }

    static String setting(String key, String otherwise) {
        return System.getenv().getOrDefault(key, otherwise);
    }

    static String jdbc() throws Exception {
        try (var connection = DriverManager.getConnection(setting("JDBC_URL", ""), setting("JDBC_USER", ""), setting("JDBC_PASSWORD", ""));
                var statement = connection.createStatement()) {
            statement.execute(setting("STATEMENT", "SELECT count(*) FROM invoices"));
            return "invoices posted";
        }
    }

    static String fetch() throws Exception {
        var client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
        var request = HttpRequest.newBuilder(URI.create(setting("TARGET_URL", ""))).timeout(Duration.ofSeconds(5)).build();
        var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() >= 400) {
            throw new IllegalStateException(request.uri() + " answered " + answer.statusCode());
        }
        return "tax rates refreshed";
    }

    static String render() {
        List<byte[]> pages = new ArrayList<>();
        int count = Integer.parseInt(setting("PAGES", "10"));
        for (int page = 0; page < count; page++) {
            pages.add(new byte[1 << 20]);
        }
        return "statement of " + pages.size() + " pages rendered";
    }

    static String limits() throws Exception {
        var properties = new Properties();
        try (var reader = new FileReader(setting("PROPERTIES_FILE", "/etc/billing/billing.properties"))) {
            properties.load(reader);
        }
        return "invoice limit is " + Integer.parseInt(properties.getProperty("invoice.limit"));
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, Work> works = Map.of("jdbc", Billing::jdbc, "fetch", Billing::fetch, "render", Billing::render, "limits", Billing::limits);
        Work work = works.get(arguments[0]);
        long pause = Long.parseLong(setting("EVERY", "4")) * 1000;
        while (true) {
            try {
                LOG.info(work.run());
            } catch (Exception | OutOfMemoryError problem) {
                LOG.log(Level.SEVERE, "billing run failed", problem);
            }
            Thread.sleep(pause);
        }
    }
}
