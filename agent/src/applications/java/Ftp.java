import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.net.ftp.FTP;
import org.apache.commons.net.ftp.FTPClient;
import org.apache.ftpserver.FtpServer;
import org.apache.ftpserver.FtpServerFactory;
import org.apache.ftpserver.listener.ListenerFactory;
import org.apache.ftpserver.usermanager.impl.BaseUser;
import org.apache.ftpserver.usermanager.impl.WritePermission;

/**
 * FTP in passive mode. In active mode FtpServer binds its sockets with {@code SO_REUSEADDR} before
 * it connects, and such sockets go by TCP.
 */
final class Ftp {
  private static final int FILES = 10;

  private Ftp() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Ftp::server, Ftp::client);
  }

  private static AutoCloseable server(Side side) throws Exception {
    FtpServerFactory factory = new FtpServerFactory();
    ListenerFactory listener = new ListenerFactory();
    listener.setServerAddress("127.0.0.1");
    listener.setPort(side.port());
    factory.setListeners(new HashMap<>(Map.of("default", listener.createListener())));
    BaseUser user = new BaseUser();
    user.setName("user");
    user.setPassword("user");
    user.setHomeDirectory(Files.createDirectories(Path.of("home")).toAbsolutePath().toString());
    user.setAuthorities(List.of(new WritePermission()));
    factory.getUserManager().save(user);
    FtpServer server = factory.createServer();
    server.start();
    return server::stop;
  }

  private static String client(Side side) throws Exception {
    FTPClient client = new FTPClient();
    client.connect("127.0.0.1", side.port());
    Side.check(client.login("user", "user"), client.getReplyString());
    client.setFileType(FTP.BINARY_FILE_TYPE);
    for (int i = 0; i < FILES; i++) {
      client.enterLocalPassiveMode();
      byte[] file = Http.body(i * 100_000);
      Side.check(
          client.storeFile("file" + i, new ByteArrayInputStream(file)), client.getReplyString());
      ByteArrayOutputStream back = new ByteArrayOutputStream();
      Side.check(client.retrieveFile("file" + i, back), client.getReplyString());
      Side.check(Arrays.equals(file, back.toByteArray()), "file " + i);
    }
    client.logout();
    client.disconnect();
    return FILES + " files";
  }
}
