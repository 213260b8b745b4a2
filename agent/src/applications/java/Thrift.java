import java.net.InetSocketAddress;
import org.apache.thrift.TProcessor;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.server.TServer;
import org.apache.thrift.server.TThreadPoolServer;
import org.apache.thrift.server.TThreadedSelectorServer;
import org.apache.thrift.transport.TNonblockingServerSocket;
import org.apache.thrift.transport.TServerSocket;
import org.apache.thrift.transport.TSocket;
import org.apache.thrift.transport.TTransport;
import org.apache.thrift.transport.layered.TFramedTransport;

/** Thrift's blocking server and its server of selectors. */
final class Thrift {
  private static final int CALLS = 500;
  private static final TProcessor ECHO =
      (in, out) -> {
        out.writeString(in.readString());
        out.getTransport().flush();
      };

  private Thrift() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Thrift::server, Thrift::client);
  }

  private static AutoCloseable server(Side side) throws Exception {
    TServer blocking =
        new TThreadPoolServer(
            new TThreadPoolServer.Args(
                    new TServerSocket(new InetSocketAddress("127.0.0.1", side.port())))
                .processor(ECHO));
    TServer selectors =
        new TThreadedSelectorServer(
            new TThreadedSelectorServer.Args(
                    new TNonblockingServerSocket(new InetSocketAddress("127.0.0.1", side.port(1))))
                .processor(ECHO));
    Thread first = new Thread(blocking::serve);
    Thread second = new Thread(selectors::serve);
    first.start();
    second.start();
    while (!blocking.isServing() || !selectors.isServing()) {
      Thread.onSpinWait();
    }
    return () -> {
      blocking.stop();
      selectors.stop();
      first.join();
      second.join();
    };
  }

  private static String client(Side side) throws Exception {
    calls(new TSocket("127.0.0.1", side.port()));
    calls(new TFramedTransport(new TSocket("127.0.0.1", side.port(1))));
    return 2 * CALLS + " calls";
  }

  private static void calls(TTransport transport) throws Exception {
    transport.open();
    TProtocol protocol = new TBinaryProtocol(transport);
    for (int i = 0; i < CALLS; i++) {
      String text = "x".repeat(i * 20);
      protocol.writeString(text);
      transport.flush();
      Side.check(text.equals(protocol.readString()), "call " + i);
    }
    transport.close();
  }
}
