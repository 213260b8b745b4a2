import com.hazelcast.client.HazelcastClient;
import com.hazelcast.client.config.ClientConfig;
import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;

/** A cluster of Hazelcast's, with a map that is spread over it. */
final class HazelcastCluster {
  private static final int ENTRIES = 1000;

  private HazelcastCluster() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, HazelcastCluster::server, HazelcastCluster::client);
  }

  private static AutoCloseable server(Side side) throws Exception {
    Config config = new Config();
    config.setProperty("hazelcast.logging.type", "none");
    config.setProperty("hazelcast.phone.home.enabled", "false");
    config.setProperty("hazelcast.shutdownhook.enabled", "false");
    config.setProperty("hazelcast.socket.bind.any", "false");
    NetworkConfig network = config.getNetworkConfig();
    network.setPort(side.port()).setPortAutoIncrement(false);
    network.getInterfaces().setEnabled(true).addInterface("127.0.0.1");
    JoinConfig join = network.getJoin();
    join.getAutoDetectionConfig().setEnabled(false);
    join.getMulticastConfig().setEnabled(false);
    join.getTcpIpConfig().setEnabled(true);
    for (int node = 0; node < side.nodes(); node++) {
      join.getTcpIpConfig().addMember("127.0.0.1:" + side.port(node, 0));
    }
    HazelcastInstance instance = Hazelcast.newHazelcastInstance(config);
    while (instance.getCluster().getMembers().size() < side.nodes()) {
      Thread.sleep(50);
    }
    return instance::shutdown;
  }

  private static String client(Side side) {
    ClientConfig config = new ClientConfig();
    config.setProperty("hazelcast.logging.type", "none");
    for (int node = 0; node < side.nodes(); node++) {
      config.getNetworkConfig().addAddress("127.0.0.1:" + side.port(node, 0));
    }
    HazelcastInstance client = HazelcastClient.newHazelcastClient(config);
    IMap<Integer, String> map = client.getMap("map");
    for (int i = 0; i < ENTRIES; i++) {
      map.set(i, "v".repeat(i));
    }
    for (int i = 0; i < ENTRIES; i++) {
      Side.check("v".repeat(i).equals(map.get(i)), "entry " + i);
    }
    map.destroy();
    client.shutdown();
    return ENTRIES + " entries";
  }
}
