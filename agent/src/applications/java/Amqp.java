import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.server.SystemLauncher;

/** The AMQP broker Qpid, with RabbitMQ's client. */
final class Amqp {
  private static final int MESSAGES = 1000;

  private Amqp() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Amqp::server, Amqp::client);
  }

  private static AutoCloseable server(Side side) throws Exception {
    Path configuration = Path.of("broker.json").toAbsolutePath();
    Files.writeString(
        configuration,
        """
        {
          "name": "broker", "modelVersion": "9.0",
          "authenticationproviders": [{"name": "anonymous", "type": "Plain", "secureOnlyMechanisms": [],
            "users": [{"name": "guest", "type": "managed", "password": "guest"}]}],
          "ports": [{"name": "amqp", "port": "%d", "bindingAddress": "127.0.0.1",
            "authenticationProvider": "anonymous", "protocols": ["AMQP_0_9_1"],
            "virtualhostaliases": [{"name": "default", "type": "defaultAlias"},
              {"name": "name", "type": "nameAlias"}]}],
          "virtualhostnodes": [{"name": "default", "type": "Memory", "defaultVirtualHostNode": "true",
            "virtualHostInitialConfiguration": "{\\"type\\": \\"Memory\\"}"}]
        }
        """
            .formatted(side.port()));
    Map<String, Object> attributes = new HashMap<>();
    attributes.put("type", "Memory");
    attributes.put("initialConfigurationLocation", configuration.toString());
    attributes.put("startupLoggedToSystemOut", "false");
    attributes.put("qpid.work_dir", Path.of("work").toAbsolutePath().toString());
    SystemLauncher launcher = new SystemLauncher();
    launcher.startup(attributes);
    Side.awaitPort(side.port());
    return launcher::shutdown;
  }

  private static String client(Side side) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(side.port());
    factory.setVirtualHost("default");
    try (Connection connection = factory.newConnection()) {
      Channel channel = connection.createChannel();
      String queue = channel.queueDeclare().getQueue();
      CountDownLatch received = new CountDownLatch(MESSAGES);
      channel.basicConsume(queue, true, (tag, message) -> received.countDown(), tag -> {});
      for (int i = 0; i < MESSAGES; i++) {
        channel.basicPublish("", queue, null, ("message " + i).getBytes(StandardCharsets.UTF_8));
      }
      Side.check(received.await(60, TimeUnit.SECONDS), received.getCount() + " are missing");
    }
    return MESSAGES + " messages";
  }
}
