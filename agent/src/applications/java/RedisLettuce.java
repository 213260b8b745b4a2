import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.protocol.ProtocolVersion;
import java.util.ArrayList;
import java.util.List;

/** Lettuce with a server in Java. */
final class RedisLettuce {
  private static final int KEYS = 300;

  private RedisLettuce() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Redis::start, RedisLettuce::client);
  }

  private static String client(Side side) throws Exception {
    RedisClient client = RedisClient.create(RedisURI.create("127.0.0.1", side.port()));
    client.setOptions(ClientOptions.builder().protocolVersion(ProtocolVersion.RESP2).build());
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      List<RedisFuture<String>> answers = new ArrayList<>();
      for (int i = 0; i < KEYS; i++) {
        answers.add(connection.async().set("key" + i, "v".repeat(i)));
      }
      for (RedisFuture<String> answer : answers) {
        answer.get();
      }
      for (int i = 0; i < KEYS; i++) {
        Side.check("v".repeat(i).equals(connection.sync().get("key" + i)), "key " + i);
      }
    }
    client.shutdown();
    return KEYS + " keys";
  }
}
