import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.minicluster.RpcServiceSharing;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.windowing.assigners.GlobalWindows;
import org.apache.flink.util.CloseableIterator;

/** Flink with two task managers, which give each other what they shuffle. */
public final class FlinkCluster {
  private static final long NUMBERS = 1_000_000;
  private static final int KEYS = 64;

  private FlinkCluster() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, FlinkCluster::server, FlinkCluster::client);
  }

  private static AutoCloseable server(Side side) throws Exception {
    Configuration configuration = new Configuration();
    configuration.setString("rest.address", "127.0.0.1");
    configuration.setString("rest.bind-address", "127.0.0.1");
    configuration.setString("rest.bind-port", Integer.toString(side.port()));
    configuration.setString("taskmanager.network.netty.transport", "nio");
    configuration.setString("taskmanager.memory.network.min", "64m");
    configuration.setString("taskmanager.memory.network.max", "64m");
    configuration.setString("taskmanager.memory.managed.size", "64m");
    MiniCluster cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(2)
                .setNumSlotsPerTaskManager(2)
                .setRpcServiceSharing(RpcServiceSharing.DEDICATED)
                .setCommonBindAddress("127.0.0.1")
                .build());
    cluster.start();
    return cluster::close;
  }

  private static String client(Side side) throws Exception {
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.createRemoteEnvironment("127.0.0.1", side.port());
    environment.setRuntimeMode(RuntimeExecutionMode.STREAMING);
    environment.setParallelism(4);
    long sum = 0;
    int keys = 0;
    try (CloseableIterator<Long> sums =
        environment
            .fromSequence(1, NUMBERS)
            .keyBy(number -> number % KEYS)
            .window(GlobalWindows.createWithEndOfStreamTrigger())
            .reduce(Long::sum)
            .executeAndCollect()) {
      while (sums.hasNext()) {
        sum += sums.next();
        keys++;
      }
    }
    Side.check(sum == NUMBERS * (NUMBERS + 1) / 2, "sum " + sum);
    return NUMBERS + " numbers of " + keys + " keys";
  }
}
