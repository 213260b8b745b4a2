import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.tools.StorageTool;

/** The folder of a broker, formatted as {@code kafka-storage.sh} does. */
final class KafkaFolder {
  private KafkaFolder() {}

  static void format(Properties properties) throws Exception {
    Path folder = Path.of(properties.getProperty("log.dirs"));
    if (Files.exists(folder.resolve("meta.properties"))) {
      return;
    }
    Path file = Path.of("server.properties").toAbsolutePath();
    try (var out = Files.newOutputStream(file)) {
      properties.store(out, null);
    }
    int status =
        StorageTool.execute(
            new String[] {"format", "-t", "AAAAAAAAAAAAAAAAAAAAAQ", "-c", file.toString()},
            new PrintStream(System.out));
    Side.check(status == 0, "formatting ends with " + status);
  }
}
