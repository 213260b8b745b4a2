import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.broker.BrokerService;

/** ActiveMQ Classic, over its blocking transport and over the one of selectors. */
final class ActiveMq {
  private ActiveMq() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(
        arguments,
        ActiveMq::server,
        side ->
            Jms.messages(new ActiveMQConnectionFactory("tcp://127.0.0.1:" + side.port()))
                + " and "
                + Jms.messages(new ActiveMQConnectionFactory("nio://127.0.0.1:" + side.port(1))));
  }

  private static AutoCloseable server(Side side) throws Exception {
    BrokerService broker = new BrokerService();
    broker.setPersistent(false);
    broker.setUseJmx(false);
    broker.setUseShutdownHook(false);
    broker.addConnector("tcp://127.0.0.1:" + side.port());
    broker.addConnector("nio://127.0.0.1:" + side.port(1));
    broker.start();
    broker.waitUntilStarted();
    return () -> {
      broker.stop();
      broker.waitUntilStopped();
    };
  }
}
