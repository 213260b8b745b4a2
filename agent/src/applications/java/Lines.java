import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Lines of text that a server gives back. */
final class Lines {
  private static final int LINES = 1000;

  private Lines() {}

  /** A server of plain sockets. */
  static AutoCloseable echo(int port) throws IOException {
    ServerSocket listener = new ServerSocket(port, 50, InetAddress.getByName("127.0.0.1"));
    Thread acceptor =
        new Thread(
            () -> {
              while (true) {
                try (Socket socket = listener.accept()) {
                  socket.getInputStream().transferTo(socket.getOutputStream());
                } catch (IOException e) {
                  if (listener.isClosed()) {
                    return;
                  }
                }
              }
            });
    acceptor.start();
    return () -> {
      listener.close();
      acceptor.join();
    };
  }

  static String lines(int port) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      PrintWriter out = new PrintWriter(socket.getOutputStream(), false, StandardCharsets.UTF_8);
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      for (int i = 0; i < LINES; i++) {
        out.print("line " + i + "\n");
        out.flush();
        String line = in.readLine();
        Side.check(("line " + i).equals(line), "line " + i + " is " + line);
      }
    }
    return LINES + " lines";
  }
}
