import io.moquette.broker.Server;
import io.moquette.broker.config.MemoryConfig;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/** The MQTT broker Moquette, with Paho's client. */
final class Mqtt {
  private static final int MESSAGES = 1000;

  private Mqtt() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Mqtt::server, Mqtt::client);
  }

  private static AutoCloseable server(Side side) throws Exception {
    Properties properties = new Properties();
    properties.put("host", "127.0.0.1");
    properties.put("port", Integer.toString(side.port()));
    properties.put("allow_anonymous", "true");
    properties.put("persistence_enabled", "false");
    properties.put("telemetry_enabled", "false");
    properties.put("netty.epoll", "false");
    Server server = new Server();
    server.startServer(new MemoryConfig(properties));
    return server::stopServer;
  }

  private static String client(Side side) throws Exception {
    String url = "tcp://127.0.0.1:" + side.port();
    try (MqttClient subscriber = new MqttClient(url, "subscriber", new MemoryPersistence());
        MqttClient publisher = new MqttClient(url, "publisher", new MemoryPersistence())) {
      subscriber.connect();
      publisher.connect();
      CountDownLatch received = new CountDownLatch(MESSAGES);
      subscriber.subscribe("topic", 1, (topic, message) -> received.countDown());
      for (int i = 0; i < MESSAGES; i++) {
        publisher.publish("topic", ("message " + i).getBytes(StandardCharsets.UTF_8), 1, false);
      }
      Side.check(received.await(60, TimeUnit.SECONDS), received.getCount() + " are missing");
      subscriber.disconnect();
      publisher.disconnect();
    }
    return MESSAGES + " messages";
  }
}
