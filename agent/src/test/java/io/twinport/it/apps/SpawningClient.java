package io.twinport.it.apps;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A client that starts other programs while it is connected. */
public final class SpawningClient {
  private final List<SocketChannel> channels = new ArrayList<>();
  private final List<Process> children = new ArrayList<>();

  /** Runs the client. */
  public static void main(String[] arguments) throws Exception {
    SpawningClient client = new SpawningClient();
    new Console()
        .on("open", client::open)
        .on("spawn", client::spawn)
        .on("java", client::java)
        .serve("");
    for (Process child : client.children) {
      child.destroy();
      child.waitFor();
    }
    for (SocketChannel channel : client.channels) {
      channel.close();
    }
  }

  /** {@code open HOST PORT}: one connection. */
  private String open(String... words) throws IOException {
    channels.add(SocketChannel.open(new InetSocketAddress(words[1], Integer.parseInt(words[2]))));
    return "open=" + channels.size();
  }

  /** {@code spawn}: starts a program in each of the ways that the JDK has. */
  private String spawn(String... words) throws IOException {
    Process one = new ProcessBuilder("cat").start();
    Process other = Runtime.getRuntime().exec(new String[] {"cat"});
    children.addAll(List.of(one, other));
    return "pids=" + one.pid() + "," + other.pid();
  }

  /** {@code java HOST PORT}: a JVM that makes two connections, and keeps them. */
  private String java(String... words) throws IOException {
    String launcher = Path.of(System.getProperty("java.home"), "bin/java").toString();
    String classPath = System.getProperty("java.class.path");
    Process child =
        new ProcessBuilder(launcher, "-cp", classPath, BlockingEchoClient.class.getName())
            .redirectError(Redirect.INHERIT)
            .start();
    children.add(child);
    Writer input = child.outputWriter();
    input.write("open 2 " + words[1] + " " + words[2] + "\necho 4096\n");
    input.flush();
    BufferedReader output = child.inputReader();
    // Its readiness, and the answer to "open".
    output.readLine();
    output.readLine();
    return "pid=" + child.pid() + " child=" + output.readLine().replace(' ', ',');
  }
}
