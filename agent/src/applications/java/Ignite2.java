import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.ignite.Ignite;
import org.apache.ignite.Ignition;
import org.apache.ignite.client.ClientCache;
import org.apache.ignite.client.IgniteClient;
import org.apache.ignite.configuration.ClientConfiguration;
import org.apache.ignite.configuration.ClientConnectorConfiguration;
import org.apache.ignite.configuration.IgniteConfiguration;
import org.apache.ignite.logger.NullLogger;
import org.apache.ignite.spi.communication.tcp.TcpCommunicationSpi;
import org.apache.ignite.spi.discovery.tcp.TcpDiscoverySpi;
import org.apache.ignite.spi.discovery.tcp.ipfinder.vm.TcpDiscoveryVmIpFinder;

/** A cluster of Ignite's, with its thin client. */
final class Ignite2 {
  private static final int ENTRIES = 1000;

  private Ignite2() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Ignite2::server, Ignite2::client);
  }

  private static AutoCloseable server(Side side) throws Exception {
    List<String> addresses = new ArrayList<>();
    for (int node = 0; node < side.nodes(); node++) {
      addresses.add("127.0.0.1:" + side.port(node, 1));
    }
    IgniteConfiguration configuration =
        new IgniteConfiguration()
            .setIgniteHome(Path.of(".").toAbsolutePath().toString())
            .setWorkDirectory(Path.of("work").toAbsolutePath().toString())
            .setLocalHost("127.0.0.1")
            .setGridLogger(new NullLogger())
            .setMetricsLogFrequency(0)
            .setDiscoverySpi(
                new TcpDiscoverySpi()
                    .setLocalPort(side.port(1))
                    .setLocalPortRange(0)
                    .setIpFinder(new TcpDiscoveryVmIpFinder().setAddresses(addresses)))
            .setCommunicationSpi(
                new TcpCommunicationSpi().setLocalPort(side.port(2)).setLocalPortRange(0))
            .setClientConnectorConfiguration(
                new ClientConnectorConfiguration()
                    .setHost("127.0.0.1")
                    .setPort(side.port())
                    .setPortRange(0));
    configuration.setConnectorConfiguration(null);
    Ignite ignite = Ignition.start(configuration);
    while (ignite.cluster().nodes().size() < side.nodes()) {
      Thread.sleep(50);
    }
    return () -> Ignition.stop(true);
  }

  private static String client(Side side) {
    try (IgniteClient client =
        Ignition.startClient(new ClientConfiguration().setAddresses("127.0.0.1:" + side.port()))) {
      ClientCache<Integer, String> cache = client.getOrCreateCache("cache");
      for (int i = 0; i < ENTRIES; i++) {
        cache.put(i, "v".repeat(i));
      }
      for (int i = 0; i < ENTRIES; i++) {
        Side.check("v".repeat(i).equals(cache.get(i)), "entry " + i);
      }
      client.destroyCache("cache");
    }
    return ENTRIES + " entries";
  }
}
