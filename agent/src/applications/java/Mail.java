import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import jakarta.mail.Flags;
import jakarta.mail.Folder;
import jakarta.mail.Message;
import jakarta.mail.Session;
import jakarta.mail.Store;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.util.Properties;

/** GreenMail's servers, with Jakarta Mail: sent by SMTP, and read by IMAP. */
final class Mail {
  private static final int MESSAGES = 50;

  private Mail() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Mail::server, Mail::client);
  }

  private static AutoCloseable server(Side side) {
    GreenMail server =
        new GreenMail(
            new ServerSetup[] {
              new ServerSetup(side.port(), "127.0.0.1", ServerSetup.PROTOCOL_SMTP),
              new ServerSetup(side.port(1), "127.0.0.1", ServerSetup.PROTOCOL_IMAP)
            });
    server.setUser("user@example.com", "user", "user");
    server.start();
    return server::stop;
  }

  private static String client(Side side) throws Exception {
    Session session = Session.getInstance(new Properties());
    try (Transport smtp = session.getTransport("smtp")) {
      smtp.connect("127.0.0.1", side.port(), null, null);
      for (int i = 0; i < MESSAGES; i++) {
        MimeMessage message = new MimeMessage(session);
        message.setFrom("user@example.com");
        message.setRecipient(Message.RecipientType.TO, new InternetAddress("user@example.com"));
        message.setSubject("message " + i);
        message.setText("x".repeat(i * 70) + "\n");
        smtp.sendMessage(message, message.getAllRecipients());
      }
    }
    try (Store imap = session.getStore("imap")) {
      imap.connect("127.0.0.1", side.port(1), "user", "user");
      try (Folder inbox = imap.getFolder("INBOX")) {
        inbox.open(Folder.READ_WRITE);
        Message[] messages = inbox.getMessages();
        for (int i = 0; i < messages.length; i++) {
          Side.check(("message " + i).equals(messages[i].getSubject()), "message " + i);
          Side.check(
              messages[i].getContent().toString().trim().length() == i * 70, "its text " + i);
          messages[i].setFlag(Flags.Flag.DELETED, true);
        }
        return messages.length + " messages";
      }
    }
  }
}
