import java.util.Map;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.minicluster.RpcServiceSharing;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Two task managers that shuffle between them; the client asks over REST. */
final class Flink {
  private static final int NUMBERS = 100_000;

  private Flink() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Flink::server, Flink::client);
  }

  private static Configuration configuration(Side side) {
    return Configuration.fromMap(
        Map.of(
            "rest.address", "127.0.0.1",
            "rest.port", Integer.toString(side.port()),
            "rest.bind-port", Integer.toString(side.port()),
            "taskmanager.network.netty.transport", "nio",
            "taskmanager.memory.network.min", "32m",
            "taskmanager.memory.network.max", "32m",
            "taskmanager.memory.managed.size", "32m"));
  }

  private static AutoCloseable server(Side side) throws Exception {
    MiniCluster cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration(side))
                .setNumTaskManagers(2)
                .setNumSlotsPerTaskManager(2)
                .setRpcServiceSharing(RpcServiceSharing.DEDICATED)
                .build());
    cluster.start();
    return cluster::close;
  }

  private static String client(Side side) throws Exception {
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.createLocalEnvironment(4, new Configuration());
    environment
        .fromSequence(1, NUMBERS)
        .map(number -> Tuple2.of(number % 100, number))
        .returns(Types.TUPLE(Types.LONG, Types.LONG))
        .keyBy(pair -> pair.f0)
        .reduce((one, other) -> Tuple2.of(one.f0, one.f1 + other.f1))
        .filter(pair -> pair.f1 < 0)
        .print();
    JobGraph job = environment.getStreamGraph().getJobGraph();
    try (RestClusterClient<String> client =
        new RestClusterClient<>(configuration(side), "cluster")) {
      var id = client.submitJob(job).get();
      client.requestJobResult(id).get().toJobExecutionResult(Flink.class.getClassLoader());
      JobStatus status = client.getJobStatus(id).get();
      return "a job " + status;
    }
  }
}
