import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;

/** What is asked of a broker of messages: they come in the order in which they were sent. */
final class Jms {
  private static final int MESSAGES = 1000;

  private Jms() {}

  static String messages(ConnectionFactory factory) throws Exception {
    try (Connection sending = factory.createConnection();
        Connection receiving = factory.createConnection()) {
      sending.start();
      receiving.start();
      Session sender = sending.createSession(false, Session.AUTO_ACKNOWLEDGE);
      Session receiver = receiving.createSession(false, Session.AUTO_ACKNOWLEDGE);
      Queue queue = sender.createQueue("queue");
      MessageConsumer consumer = receiver.createConsumer(queue);
      MessageProducer producer = sender.createProducer(queue);
      for (int i = 0; i < MESSAGES; i++) {
        producer.send(sender.createTextMessage("message " + i));
      }
      for (int i = 0; i < MESSAGES; i++) {
        TextMessage message = (TextMessage) consumer.receive(30_000);
        Side.check(
            message != null && ("message " + i).equals(message.getText()),
            "message " + i + " is " + message);
      }
      return MESSAGES + " messages";
    }
  }
}
