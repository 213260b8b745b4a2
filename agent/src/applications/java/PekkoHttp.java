import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.japi.function.Function;

/** Pekko's HTTP server, on its streams of TCP. */
final class PekkoHttp {
  private PekkoHttp() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, PekkoHttp::server, Http::requests);
  }

  private static AutoCloseable server(Side side) throws Exception {
    ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "echo");
    Function<HttpRequest, CompletionStage<HttpResponse>> echo =
        request ->
            request
                .entity()
                .toStrict(60_000, system)
                .thenApply(entity -> HttpResponse.create().withEntity(entity));
    ServerBinding binding =
        org.apache.pekko.http.javadsl.Http.get(system)
            .newServerAt("127.0.0.1", side.port())
            .bind(echo)
            .toCompletableFuture()
            .get();
    return () -> {
      binding.terminate(Duration.ofSeconds(5)).toCompletableFuture().get();
      system.terminate();
      system.getWhenTerminated().toCompletableFuture().get();
    };
  }
}
