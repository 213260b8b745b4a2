import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.RedisClient;

/** Jedis with a server in Java. */
final class RedisJedis {
  private static final int KEYS = 1000;

  private RedisJedis() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Redis::start, RedisJedis::client);
  }

  private static String client(Side side) {
    try (RedisClient client =
        RedisClient.builder()
            .hostAndPort("127.0.0.1", side.port())
            .clientConfig(DefaultJedisClientConfig.builder().serverDefaultProtocol().build())
            .build()) {
      for (int i = 0; i < KEYS; i++) {
        client.set("key" + i, "v".repeat(i));
      }
      for (int i = 0; i < KEYS; i++) {
        Side.check("v".repeat(i).equals(client.get("key" + i)), "key " + i);
      }
      return KEYS + " keys";
    }
  }
}
