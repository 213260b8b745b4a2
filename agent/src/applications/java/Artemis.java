import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

/** ActiveMQ Artemis. */
final class Artemis {
  private static final String NO_NATIVE_TRANSPORT =
      "?useEpoll=false&useKQueue=false&useIoUring=false";

  private Artemis() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(
        arguments,
        Artemis::server,
        side -> {
          try (ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(url(side))) {
            return Jms.messages(factory);
          }
        });
  }

  private static String url(Side side) {
    return "tcp://127.0.0.1:" + side.port() + NO_NATIVE_TRANSPORT;
  }

  private static AutoCloseable server(Side side) throws Exception {
    Configuration configuration = new ConfigurationImpl();
    configuration.setPersistenceEnabled(false);
    configuration.setSecurityEnabled(false);
    configuration.addAcceptorConfiguration("tcp", url(side));
    EmbeddedActiveMQ server = new EmbeddedActiveMQ();
    server.setConfiguration(configuration);
    server.start();
    return server::stop;
  }
}
