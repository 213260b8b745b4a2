package io.twinport.agent.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.core.Switch;
import io.twinport.nio.TwinSelectorProvider;
import io.twinport.registry.Registry;
import io.twinport.settings.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The text is what the OpenMetrics specification asks for, and what the documents say. */
class OpenMetricsTest {
  private static final Path DOCS = docs();
  private static final Pattern SAMPLE =
      Pattern.compile("([a-z_]+)(?:\\{((?:[a-z_]+=\"[^\"\\\\]*\",?)*)\\})? (\\d+)");

  private final TwinSelectorProvider provider =
      TwinSelectorProvider.of(Switch.of(Settings.defaults()));
  private final Registry registry = provider.owner().registry();

  /** Maven runs in the module's folder, an editor perhaps above it. */
  private static Path docs() {
    Path here = Path.of("docs");
    return Files.isDirectory(here) ? here : Path.of("..", "docs");
  }

  /** The types of the families, by name; fails if a line is not as the specification says. */
  private static Map<String, String> check(String text) {
    Map<String, String> types = new LinkedHashMap<>();
    Set<String> series = new TreeSet<>();
    assertTrue(text.endsWith("\n# EOF\n"), "the end");
    String family = "";
    for (String line : text.substring(0, text.length() - "# EOF\n".length()).split("\n")) {
      if (line.startsWith("# TYPE ")) {
        String[] words = line.split(" ");
        family = words[2];
        assertEquals(4, words.length, line);
        assertEquals(null, types.put(family, words[3]), line);
      } else if (line.startsWith("# UNIT ")) {
        assertTrue(family.endsWith("_" + line.split(" ")[3]), line);
        assertEquals(family, line.split(" ")[2]);
      } else if (line.startsWith("# HELP ")) {
        assertTrue(line.startsWith("# HELP " + family + " "), line);
      } else {
        Matcher sample = SAMPLE.matcher(line);
        assertTrue(sample.matches(), line);
        String suffix =
            switch (types.get(family)) {
              case "counter" -> "_total";
              case "info" -> "_info";
              default -> "";
            };
        assertEquals(family + suffix, sample.group(1), line);
        assertTrue(series.add(sample.group(1) + sample.group(2)), "twice: " + line);
      }
    }
    return types;
  }

  @Test
  void allIsAsTheSpecificationSays() throws IOException {
    Map<String, String> types = check(OpenMetrics.text(registry));
    assertTrue(types.size() >= 10, types::toString);
    types.keySet().forEach(name -> assertTrue(name.startsWith("twinport_"), name));
  }

  @Test
  void connectionsAreCountedByReasonAndPath() throws IOException {
    try (ServerSocketChannel listener = provider.openServerSocketChannel()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      try (SocketChannel client = provider.openSocketChannel()) {
        client.connect(listener.getLocalAddress());
        try (SocketChannel accepted = listener.accept()) {
          assertTrue(accepted.isConnected());
          String text = OpenMetrics.text(registry);
          check(text);
          for (String line :
              List.of(
                  "twinport_open_connections{path=\"tcp\",role=\"accepted\"} 1",
                  "twinport_open_connections{path=\"tcp\",role=\"connected\"} 1",
                  "twinport_tcp_connections_total{reason=\"client-used-tcp\"} 1",
                  "twinport_tcp_connections_total{reason=\"no-provider\"} 1",
                  "twinport_fallbacks_total{reason=\"no-twin\"} 0",
                  "twinport_listeners{path=\"tcp\"} 1")) {
            assertTrue(text.contains("\n" + line + "\n"), line + " is not in\n" + text);
          }
        }
      }
    }
  }

  @Test
  void theDashboardAsksForWhatThereIs() throws IOException {
    Set<String> there = new TreeSet<>();
    check(OpenMetrics.text(registry))
        .forEach(
            (name, type) ->
                there.add(
                    name
                        + switch (type) {
                          case "counter" -> "_total";
                          case "info" -> "_info";
                          default -> "";
                        }));
    Set<String> asked = new TreeSet<>();
    Matcher names =
        Pattern.compile("twinport_[a-z_]+")
            .matcher(Files.readString(DOCS.resolve("grafana-dashboard.json")));
    while (names.find()) {
      asked.add(names.group());
    }
    assertEquals(there, asked, "each is in the dashboard, and nothing else is");
  }

  @Test
  void eachNameIsInTheDocument() throws IOException {
    String document = Files.readString(DOCS.resolve("observability.md"));
    List<String> missing = new ArrayList<>();
    check(OpenMetrics.text(registry))
        .forEach(
            (name, type) -> {
              String suffix =
                  type.equals("counter") ? "_total" : type.equals("info") ? "_info" : "";
              if (!document.contains("`" + name + suffix + "`")) {
                missing.add(name + suffix);
              }
            });
    assertEquals(List.of(), missing);
  }
}
