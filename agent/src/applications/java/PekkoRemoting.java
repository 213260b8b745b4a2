import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.Map;
import org.apache.pekko.actor.AbstractActor;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.Props;
import org.apache.pekko.pattern.Patterns;

/** Actors that ask one another, by Artery over TCP. */
final class PekkoRemoting {
  private static final int CALLS = 1000;

  private PekkoRemoting() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, PekkoRemoting::server, PekkoRemoting::client);
  }

  private static ActorSystem system(int port) {
    Config config =
        ConfigFactory.parseMap(
                Map.of(
                    "pekko.actor.provider", "remote",
                    "pekko.actor.allow-java-serialization", "off",
                    "pekko.remote.artery.transport", "tcp",
                    "pekko.remote.artery.canonical.hostname", "127.0.0.1",
                    "pekko.remote.artery.canonical.port", port,
                    "pekko.loglevel", "ERROR"))
            .withFallback(ConfigFactory.load());
    return ActorSystem.create("echo", config);
  }

  private static void end(ActorSystem system) throws Exception {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().get();
  }

  private static AutoCloseable server(Side side) {
    ActorSystem system = system(side.port());
    system.actorOf(Props.create(Echo.class, Echo::new), "echo");
    return () -> end(system);
  }

  private static String client(Side side) throws Exception {
    ActorSystem system = system(side.port(1));
    Duration patience = Duration.ofSeconds(60);
    ActorRef echo =
        system
            .actorSelection("pekko://echo@127.0.0.1:" + side.port() + "/user/echo")
            .resolveOne(patience)
            .toCompletableFuture()
            .get();
    for (int i = 0; i < CALLS; i++) {
      String text = "x".repeat(i * 10);
      Side.check(
          text.equals(Patterns.ask(echo, text, patience).toCompletableFuture().get()), "call " + i);
    }
    end(system);
    return CALLS + " calls";
  }

  private static final class Echo extends AbstractActor {
    @Override
    public Receive createReceive() {
      return receiveBuilder().match(String.class, text -> sender().tell(text, self())).build();
    }
  }
}
