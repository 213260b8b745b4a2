import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.server.quorum.QuorumPeer;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig;
import org.apache.zookeeper.server.quorum.QuorumPeerMain;

/** An ensemble of ZooKeepers: nodes are made at one of them, and watched at another. */
final class ZooKeepers {
  private static final int NODES = 200;

  private ZooKeepers() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, ZooKeepers::server, ZooKeepers::client);
  }

  private static final class Peer extends QuorumPeerMain {
    QuorumPeer peer() {
      return quorumPeer;
    }

    void end() {
      close();
    }
  }

  private static AutoCloseable server(Side side) throws Exception {
    // A thread of its own may be left over otherwise, with the agent and without it.
    side.exits();
    System.setProperty("zookeeper.admin.enableServer", "false");
    Path data = Files.createDirectories(Path.of("data")).toAbsolutePath();
    Files.writeString(data.resolve("myid"), Integer.toString(side.node() + 1));
    Properties properties = new Properties();
    properties.setProperty("dataDir", data.toString());
    properties.setProperty("clientPort", Integer.toString(side.port()));
    properties.setProperty("clientPortAddress", "127.0.0.1");
    properties.setProperty("tickTime", "2000");
    properties.setProperty("initLimit", "30");
    properties.setProperty("syncLimit", "15");
    for (int node = 0; node < side.nodes(); node++) {
      properties.setProperty(
          "server." + (node + 1), "127.0.0.1:" + side.port(node, 1) + ":" + side.port(node, 2));
    }
    QuorumPeerConfig config = new QuorumPeerConfig();
    config.parseProperties(properties);
    Peer main = new Peer();
    Thread runner =
        new Thread(
            () -> {
              try {
                main.runFromConfig(config);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    runner.start();
    while (main.peer() == null
        || main.peer().getPeerState() == QuorumPeer.ServerState.LOOKING
        || main.peer().getActiveServer() == null
        || !main.peer().getActiveServer().isRunning()) {
      Thread.sleep(50);
    }
    return () -> {
      main.end();
      runner.join();
    };
  }

  private static ZooKeeper connect(int port, CountDownLatch heard) throws Exception {
    CountDownLatch connected = new CountDownLatch(1);
    ZooKeeper client =
        new ZooKeeper(
            "127.0.0.1:" + port,
            60_000,
            event -> {
              if (event.getPath() != null) {
                heard.countDown();
              }
              connected.countDown();
            });
    Side.check(connected.await(60, TimeUnit.SECONDS), "no connection");
    return client;
  }

  private static String client(Side side) throws Exception {
    CountDownLatch heard = new CountDownLatch(NODES);
    try (ZooKeeper first = connect(side.port(0, 0), new CountDownLatch(0));
        ZooKeeper last = connect(side.port(side.nodes() - 1, 0), heard)) {
      for (int i = 0; i < NODES; i++) {
        last.exists("/node" + i, true);
      }
      for (int i = 0; i < NODES; i++) {
        first.create(
            "/node" + i, Http.body(i * 100), ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      }
      Side.check(heard.await(60, TimeUnit.SECONDS), heard.getCount() + " watches are missing");
      for (int i = 0; i < NODES; i++) {
        Side.check(last.getData("/node" + i, false, null).length == i * 100, "node " + i);
        first.delete("/node" + i, -1);
      }
    }
    return NODES + " nodes";
  }
}
