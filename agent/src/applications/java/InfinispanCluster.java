import org.infinispan.Cache;
import org.infinispan.configuration.cache.CacheMode;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.configuration.global.ShutdownHookBehavior;
import org.infinispan.manager.DefaultCacheManager;
import org.infinispan.remoting.transport.jgroups.JGroupsTransport;

/** A cluster of Infinispan's; the client is a node without entries. */
final class InfinispanCluster {
  private static final int ENTRIES = 1000;

  private InfinispanCluster() {}

  public static void main(String[] arguments) throws Exception {
    Side.logsNothing();
    Side.run(arguments, InfinispanCluster::server, InfinispanCluster::client);
  }

  private static DefaultCacheManager join(Side side, int port, boolean entries) throws Exception {
    GlobalConfigurationBuilder global = new GlobalConfigurationBuilder();
    global.transport().transport(new JGroupsTransport(JGroups.channel(side, port)));
    global.transport().clusterName("cluster").nodeName("node-" + port);
    global.zeroCapacityNode(!entries);
    global.jmx().disable();
    global.shutdown().hookBehavior(ShutdownHookBehavior.DONT_REGISTER);
    DefaultCacheManager manager = new DefaultCacheManager(global.build());
    manager.defineConfiguration(
        "entries", new ConfigurationBuilder().clustering().cacheMode(CacheMode.DIST_SYNC).build());
    return manager;
  }

  private static AutoCloseable server(Side side) throws Exception {
    DefaultCacheManager manager = join(side, side.port(), true);
    manager.getCache("entries");
    while (manager.getMembers().size() < side.nodes()) {
      Thread.sleep(50);
    }
    return manager::close;
  }

  private static String client(Side side) throws Exception {
    try (DefaultCacheManager manager = join(side, side.port(0, 3), false)) {
      Cache<Integer, String> cache = manager.getCache("entries");
      for (int i = 0; i < ENTRIES; i++) {
        cache.put(i, "v".repeat(i));
      }
      for (int i = 0; i < ENTRIES; i++) {
        Side.check("v".repeat(i).equals(cache.get(i)), "entry " + i);
      }
      cache.clear();
      return manager.getMembers().size() + " members, " + ENTRIES + " entries";
    }
  }
}
