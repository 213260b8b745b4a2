import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.cassandra.service.CassandraDaemon;
import org.slf4j.LoggerFactory;

/** A node of Cassandra's with its driver. */
final class CassandraNode {
  private static final int ROWS = 500;

  private CassandraNode() {}

  public static void main(String[] arguments) throws Exception {
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
    Side.run(arguments, CassandraNode::server, CassandraNode::client);
  }

  private static String settings(Side side) {
    return String.join(
        "\n",
        "partitioner: org.apache.cassandra.dht.Murmur3Partitioner",
        "endpoint_snitch: SimpleSnitch",
        "seed_provider:",
        "  - class_name: org.apache.cassandra.locator.SimpleSeedProvider",
        "    parameters:",
        "      - seeds: '127.0.0.1:" + side.port(1) + "'",
        "listen_address: 127.0.0.1",
        "storage_port: " + side.port(1),
        "rpc_address: 127.0.0.1",
        "native_transport_port: " + side.port(),
        "start_native_transport: true",
        "auto_bootstrap: false",
        "num_tokens: 1",
        "commitlog_sync: periodic",
        "commitlog_sync_period: 10s",
        "commitlog_directory: commitlog",
        "data_file_directories: [data]",
        "saved_caches_directory: caches",
        "hints_directory: hints",
        "cdc_raw_directory: cdc",
        "");
  }

  private static AutoCloseable server(Side side) throws Exception {
    Path settings = Files.writeString(Path.of("cassandra.yaml"), settings(side));
    System.setProperty("cassandra.config", settings.toUri().toString());
    CassandraDaemon daemon = new CassandraDaemon(true);
    daemon.activate();
    side.exits();
    return daemon::deactivate;
  }

  private static String client(Side side) {
    DriverConfigLoader patience =
        DriverConfigLoader.programmaticBuilder()
            .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, Duration.ofSeconds(60))
            .build();
    try (CqlSession session =
        CqlSession.builder()
            .addContactPoint(new InetSocketAddress("127.0.0.1", side.port()))
            .withLocalDatacenter("datacenter1")
            .withConfigLoader(patience)
            .build()) {
      session.execute(
          "CREATE KEYSPACE IF NOT EXISTS test WITH replication ="
              + " {'class': 'SimpleStrategy', 'replication_factor': 1}");
      session.execute("CREATE TABLE IF NOT EXISTS test.numbers (id int PRIMARY KEY, name text)");
      PreparedStatement insert =
          session.prepare("INSERT INTO test.numbers (id, name) VALUES (?, ?)");
      for (int i = 0; i < ROWS; i++) {
        session.execute(insert.bind(i, "n".repeat(i)));
      }
      int read = 0;
      for (Row row : session.execute("SELECT id, name FROM test.numbers")) {
        Side.check(row.getString("name").length() == row.getInt("id"), "row " + row.getInt("id"));
        read++;
      }
      return read + " rows";
    }
  }
}
