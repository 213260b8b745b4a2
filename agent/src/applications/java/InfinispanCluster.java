import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.infinispan.Cache;
import org.infinispan.configuration.cache.CacheMode;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.manager.DefaultCacheManager;

/** Infinispan's members over JGroups' TCP: the client is one of them. */
final class InfinispanCluster {
  private static final int ENTRIES = 500;

  private InfinispanCluster() {}

  public static void main(String[] arguments) throws Exception {
    Logger.getLogger("").setLevel(Level.SEVERE);
    Side.run(arguments, InfinispanCluster::server, InfinispanCluster::client);
  }

  private static DefaultCacheManager join(Side side, int port) throws Exception {
    StringBuilder others = new StringBuilder();
    for (int node = 0; node < side.nodes(); node++) {
      others
          .append(node == 0 ? "" : ",")
          .append("127.0.0.1[")
          .append(side.port(node, 0))
          .append("]");
    }
    Path stack = Path.of("stack-" + port + ".xml").toAbsolutePath();
    Files.writeString(
        stack,
        """
        <config xmlns="urn:org:jgroups">
          <TCP bind_addr="127.0.0.1" bind_port="%d" port_range="0" diag.enabled="false"/>
          <TCPPING initial_hosts="%s" port_range="0"/>
          <MERGE3/>
          <FD_ALL3/>
          <VERIFY_SUSPECT2/>
          <pbcast.NAKACK2 use_mcast_xmit="false"/>
          <UNICAST3/>
          <pbcast.STABLE/>
          <pbcast.GMS print_local_addr="false"/>
          <UFC/>
          <MFC/>
          <FRAG4/>
        </config>
        """
            .formatted(port, others));
    GlobalConfigurationBuilder global = GlobalConfigurationBuilder.defaultClusteredBuilder();
    global.transport().addProperty("configurationFile", stack.toString());
    DefaultCacheManager manager = new DefaultCacheManager(global.build());
    for (CacheMode mode : new CacheMode[] {CacheMode.REPL_SYNC, CacheMode.DIST_SYNC}) {
      manager.defineConfiguration(
          mode.name(), new ConfigurationBuilder().clustering().cacheMode(mode).build());
      manager.getCache(mode.name());
    }
    return manager;
  }

  private static AutoCloseable server(Side side) throws Exception {
    return join(side, side.port());
  }

  private static String client(Side side) throws Exception {
    try (DefaultCacheManager manager = join(side, side.port(0, 3))) {
      int members = manager.getMembers().size();
      for (String name : new String[] {"REPL_SYNC", "DIST_SYNC"}) {
        Cache<Integer, String> cache = manager.getCache(name);
        for (int i = 0; i < ENTRIES; i++) {
          cache.put(i, "v".repeat(i));
        }
        for (int i = 0; i < ENTRIES; i++) {
          Side.check("v".repeat(i).equals(cache.get(i)), "entry " + i);
        }
        cache.clear();
      }
      return members + " members and " + 2 * ENTRIES + " entries";
    }
  }
}
