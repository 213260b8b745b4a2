import java.util.ArrayList;
import java.util.List;
import org.apache.ignite.Ignite;
import org.apache.ignite.Ignition;
import org.apache.ignite.cache.CacheMode;
import org.apache.ignite.client.ClientCache;
import org.apache.ignite.client.ClientCacheConfiguration;
import org.apache.ignite.client.IgniteClient;
import org.apache.ignite.configuration.ClientConfiguration;
import org.apache.ignite.configuration.ClientConnectorConfiguration;
import org.apache.ignite.configuration.IgniteConfiguration;
import org.apache.ignite.logger.NullLogger;
import org.apache.ignite.spi.communication.tcp.TcpCommunicationSpi;
import org.apache.ignite.spi.discovery.tcp.TcpDiscoverySpi;
import org.apache.ignite.spi.discovery.tcp.ipfinder.vm.TcpDiscoveryVmIpFinder;

/** A cluster of Ignite's, with its thin client. */
final class IgniteCluster {
  private static final int ENTRIES = 1000;

  private IgniteCluster() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, IgniteCluster::server, IgniteCluster::client);
  }

  private static AutoCloseable server(Side side) throws Exception {
    List<String> nodes = new ArrayList<>();
    for (int node = 0; node < side.nodes(); node++) {
      nodes.add("127.0.0.1:" + side.port(node, 0));
    }
    TcpDiscoverySpi discovery = new TcpDiscoverySpi();
    discovery.setLocalPort(side.port()).setLocalPortRange(0);
    discovery.setIpFinder(new TcpDiscoveryVmIpFinder().setAddresses(nodes));
    TcpCommunicationSpi communication = new TcpCommunicationSpi();
    communication.setLocalPort(side.port(1)).setLocalPortRange(0);
    IgniteConfiguration configuration =
        new IgniteConfiguration()
            .setLocalHost("127.0.0.1")
            .setDiscoverySpi(discovery)
            .setCommunicationSpi(communication)
            .setConnectorConfiguration(null)
            .setClientConnectorConfiguration(
                new ClientConnectorConfiguration().setPort(side.port(2)).setPortRange(0))
            .setWorkDirectory(System.getProperty("user.dir"))
            .setGridLogger(new NullLogger())
            .setMetricsLogFrequency(0);
    Ignite ignite = Ignition.start(configuration);
    while (ignite.cluster().nodes().size() < side.nodes()) {
      Thread.sleep(50);
    }
    return () -> Ignition.stop(true);
  }

  private static String client(Side side) throws Exception {
    String[] nodes = new String[side.nodes()];
    for (int node = 0; node < nodes.length; node++) {
      nodes[node] = "127.0.0.1:" + side.port(node, 2);
    }
    ClientConfiguration configuration = new ClientConfiguration().setAddresses(nodes);
    try (IgniteClient client = Ignition.startClient(configuration)) {
      ClientCache<Integer, String> cache =
          client.createCache(
              new ClientCacheConfiguration()
                  .setName("entries")
                  .setCacheMode(CacheMode.PARTITIONED)
                  .setBackups(1));
      for (int i = 0; i < ENTRIES; i++) {
        cache.put(i, "v".repeat(i));
      }
      for (int i = 0; i < ENTRIES; i++) {
        Side.check("v".repeat(i).equals(cache.get(i)), "entry " + i);
      }
      client.destroyCache("entries");
      return ENTRIES + " entries";
    }
  }
}
