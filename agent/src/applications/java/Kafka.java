import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Time;

/** A broker that is its own controller (KRaft), a producer, and a group of consumers. */
final class Kafka {
  private static final int MESSAGES = 1000;
  private static final int PARTITIONS = 4;
  private static final AtomicInteger TOPICS = new AtomicInteger();

  private Kafka() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Kafka::server, Kafka::client);
  }

  static AutoCloseable server(Side side) throws Exception {
    Properties properties = new Properties();
    properties.put("process.roles", "broker,controller");
    properties.put("node.id", "1");
    properties.put("controller.quorum.voters", "1@127.0.0.1:" + side.port(1));
    properties.put(
        "listeners",
        "PLAINTEXT://127.0.0.1:" + side.port() + ",CONTROLLER://127.0.0.1:" + side.port(1));
    properties.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + side.port());
    properties.put("controller.listener.names", "CONTROLLER");
    properties.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    properties.put("log.dirs", "kafka");
    properties.put("offsets.topic.replication.factor", "1");
    properties.put("offsets.topic.num.partitions", "1");
    properties.put("share.coordinator.state.topic.replication.factor", "1");
    properties.put("group.initial.rebalance.delay.ms", "0");
    properties.put("log.cleaner.enable", "false");
    KafkaFolder.format(properties);
    KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(properties), Time.SYSTEM);
    server.startup();
    return () -> {
      server.shutdown();
      server.awaitShutdown();
    };
  }

  static Map<String, Object> settings(Side side) {
    return new HashMap<>(
        Map.of(
            "bootstrap.servers",
            "127.0.0.1:" + side.port(),
            "enable.metrics.push",
            false,
            "default.api.timeout.ms",
            120_000,
            "request.timeout.ms",
            30_000));
  }

  static String topic(Side side) throws Exception {
    String topic = "topic-" + ProcessHandle.current().pid() + "-" + TOPICS.incrementAndGet();
    try (Admin admin = Admin.create(settings(side))) {
      admin.createTopics(List.of(new NewTopic(topic, PARTITIONS, (short) 1))).all().get();
    }
    return topic;
  }

  static KafkaProducer<String, String> producer(Side side) {
    Map<String, Object> settings = settings(side);
    settings.put("delivery.timeout.ms", 180_000);
    return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
  }

  private static String client(Side side) throws Exception {
    String topic = topic(side);
    try (KafkaProducer<String, String> producer = producer(side)) {
      for (int i = 0; i < MESSAGES; i++) {
        producer.send(new ProducerRecord<>(topic, "key " + i, "v".repeat(i)));
      }
      producer.flush();
    }
    return consume(side, topic, MESSAGES) + " messages";
  }

  /** Has two consumers of one group read a topic until there are so many different keys. */
  static int consume(Side side, String topic, int messages) throws Exception {
    Set<String> seen = java.util.concurrent.ConcurrentHashMap.newKeySet();
    Callable<Void> member =
        () -> {
          Map<String, Object> settings = settings(side);
          settings.put("group.id", "group-" + topic);
          settings.put("auto.offset.reset", "earliest");
          try (KafkaConsumer<String, String> consumer =
              new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            long end = System.nanoTime() + Duration.ofSeconds(90).toNanos();
            while (seen.size() < messages && System.nanoTime() < end) {
              for (ConsumerRecord<String, String> each : consumer.poll(Duration.ofMillis(200))) {
                seen.add(each.key());
              }
            }
          }
          return null;
        };
    ExecutorService members = Executors.newFixedThreadPool(2);
    List<Future<Void>> ends = members.invokeAll(List.of(member, member));
    members.shutdown();
    for (Future<Void> end : ends) {
      end.get();
    }
    return seen.size();
  }
}
