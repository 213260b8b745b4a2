import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.AbstractActor;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.Props;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.pattern.Patterns;

/** Actors of a cluster (Artery over TCP): the client is a member, and asks those of the others. */
public final class PekkoCluster {
  private static final int CALLS = 500;

  private PekkoCluster() {}

  /** Gives back what it gets. */
  public static final class Echo extends AbstractActor {
    @Override
    public Receive createReceive() {
      return receiveBuilder()
          .match(String.class, text -> getSender().tell(text, getSelf()))
          .build();
    }
  }

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, PekkoCluster::server, PekkoCluster::client);
  }

  private static ActorSystem join(Side side, int port) throws Exception {
    Config config =
        ConfigFactory.parseString(
                """
                pekko.actor.provider = cluster
                pekko.loglevel = OFF
                pekko.stdout-loglevel = OFF
                pekko.remote.artery.transport = tcp
                pekko.remote.artery.canonical.hostname = 127.0.0.1
                pekko.remote.artery.canonical.port = %d
                pekko.cluster.seed-nodes = ["pekko://cluster@127.0.0.1:%d"]
                pekko.cluster.jmx.enabled = off
                pekko.coordinated-shutdown.exit-jvm = off
                """
                    .formatted(port, side.port(0, 0)))
            .withFallback(ConfigFactory.load());
    ActorSystem system = ActorSystem.create("cluster", config);
    CountDownLatch up = new CountDownLatch(1);
    Cluster.get(system).registerOnMemberUp(up::countDown);
    Side.check(up.await(90, TimeUnit.SECONDS), "not up");
    return system;
  }

  private static void leave(ActorSystem system) throws Exception {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private static AutoCloseable server(Side side) throws Exception {
    ActorSystem system = join(side, side.port());
    system.actorOf(Props.create(Echo.class), "echo");
    return () -> leave(system);
  }

  private static String client(Side side) throws Exception {
    ActorSystem system = join(side, side.port(0, 3));
    for (int i = 0; i < CALLS; i++) {
      int node = i % side.nodes();
      String text = "x".repeat(i * 10);
      Object answer =
          Patterns.ask(
                  system.actorSelection(
                      "pekko://cluster@127.0.0.1:" + side.port(node, 0) + "/user/echo"),
                  text,
                  Duration.ofSeconds(60))
              .toCompletableFuture()
              .get();
      Side.check(text.equals(answer), "call " + i);
    }
    leave(system);
    return CALLS + " calls";
  }
}
