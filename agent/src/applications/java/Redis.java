import com.github.fppt.jedismock.RedisServer;

/** A Redis server in Java. */
final class Redis {
  private Redis() {}

  static AutoCloseable start(Side side) throws Exception {
    RedisServer server = RedisServer.newRedisServer(side.port());
    server.start();
    return server::stop;
  }
}
