import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.apache.mina.core.service.IoHandlerAdapter;
import org.apache.mina.core.session.IoSession;
import org.apache.mina.filter.codec.ProtocolCodecFilter;
import org.apache.mina.filter.codec.textline.TextLineCodecFactory;
import org.apache.mina.transport.socket.nio.NioSocketAcceptor;

/** A server of MINA's. */
final class Mina {
  private Mina() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Mina::server, side -> Lines.lines(side.port()));
  }

  private static AutoCloseable server(Side side) throws Exception {
    NioSocketAcceptor acceptor = new NioSocketAcceptor();
    acceptor
        .getFilterChain()
        .addLast(
            "lines", new ProtocolCodecFilter(new TextLineCodecFactory(StandardCharsets.UTF_8)));
    acceptor.setHandler(
        new IoHandlerAdapter() {
          @Override
          public void messageReceived(IoSession session, Object message) {
            session.write(message);
          }
        });
    acceptor.bind(new InetSocketAddress("127.0.0.1", side.port()));
    return acceptor::dispose;
  }
}
