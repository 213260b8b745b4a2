import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.keyverifier.AcceptAllServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.client.session.forward.PortForwardingTracker;
import org.apache.sshd.common.util.net.SshdSocketAddress;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.command.AbstractCommandSupport;
import org.apache.sshd.server.forward.AcceptAllForwardingFilter;
import org.apache.sshd.server.keyprovider.SimpleGeneratorHostKeyProvider;

/** SSH: commands, and a port that is forwarded to an echo of the server's. */
final class Sshd {
  private static final int COMMANDS = 20;

  private Sshd() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Sshd::server, Sshd::client);
  }

  private static AutoCloseable server(Side side) throws Exception {
    SshServer server = SshServer.setUpDefaultServer();
    server.setHost("127.0.0.1");
    server.setPort(side.port());
    server.setKeyPairProvider(new SimpleGeneratorHostKeyProvider());
    server.setPasswordAuthenticator((user, password, session) -> user.equals(password));
    server.setForwardingFilter(AcceptAllForwardingFilter.INSTANCE);
    server.setCommandFactory(
        (channel, command) ->
            new AbstractCommandSupport(command, null) {
              @Override
              public void run() {
                try {
                  getOutputStream().write(getCommand().getBytes(StandardCharsets.UTF_8));
                  getOutputStream().flush();
                  onExit(0);
                } catch (java.io.IOException e) {
                  onExit(1, e.toString());
                }
              }
            });
    server.start();
    AutoCloseable echo = Lines.echo(side.port(1));
    return () -> {
      server.stop();
      echo.close();
    };
  }

  private static String client(Side side) throws Exception {
    try (SshClient client = SshClient.setUpDefaultClient()) {
      client.setServerKeyVerifier(AcceptAllServerKeyVerifier.INSTANCE);
      client.start();
      try (ClientSession session =
          client
              .connect("user", "127.0.0.1", side.port())
              .verify(Duration.ofSeconds(60))
              .getSession()) {
        session.addPasswordIdentity("user");
        session.auth().verify(Duration.ofSeconds(60));
        for (int i = 0; i < COMMANDS; i++) {
          String command = "command" + "x".repeat(i * 100);
          try (ChannelExec channel = session.createExecChannel(command)) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            channel.setOut(out);
            channel.open().verify(Duration.ofSeconds(60));
            channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), Duration.ofSeconds(60));
            Side.check(command.equals(out.toString(StandardCharsets.UTF_8)), "command " + i);
          }
        }
        try (PortForwardingTracker forwarded =
            session.createLocalPortForwardingTracker(
                new SshdSocketAddress("127.0.0.1", 0),
                new SshdSocketAddress("127.0.0.1", side.port(1)))) {
          return COMMANDS
              + " commands, "
              + Lines.lines(forwarded.getBoundAddress().getPort())
              + " forwarded";
        }
      }
    }
  }
}
