import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/** A broker that is killed, and started again, while a producer sends. */
final class KafkaRestart {
  private static final int BEFORE = 500;
  private static final int MESSAGES = 1500;

  private KafkaRestart() {}

  public static void main(String[] arguments) throws Exception {
    // Its losing of the broker is what is wanted here, and told by the client's log.
    Side.run(arguments, Kafka::server, KafkaRestart::client);
  }

  private static String client(Side side) throws Exception {
    String topic = Kafka.topic(side);
    try (KafkaProducer<String, String> producer = Kafka.producer(side)) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (int i = 0; i < MESSAGES; i++) {
        if (i == BEFORE) {
          producer.flush();
          side.killServer();
        }
        sent.add(producer.send(new ProducerRecord<>(topic, "key " + i, "v".repeat(i))));
        if (i > BEFORE) {
          Thread.sleep(2);
        }
      }
      for (Future<RecordMetadata> each : sent) {
        each.get();
      }
    }
    return Kafka.consume(side, topic, MESSAGES) + " messages";
  }
}
