import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jgroups.JChannel;
import org.jgroups.Message;
import org.jgroups.ObjectMessage;
import org.jgroups.PhysicalAddress;
import org.jgroups.Receiver;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FRAG4;
import org.jgroups.protocols.MFC;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.TCPPING;
import org.jgroups.protocols.UFC;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.IpAddress;

/** A group over TCP: the client is a member, too, and sends to all. */
final class JGroups {
  private static final int MESSAGES = 1000;

  private JGroups() {}

  public static void main(String[] arguments) throws Exception {
    Side.logsNothing();
    Side.run(arguments, JGroups::server, JGroups::client);
  }

  /** A channel at a port that finds others at the first ports of the nodes. */
  static JChannel channel(Side side, int port) throws Exception {
    TCP tcp = new TCP();
    tcp.setBindAddress(InetAddress.getByName("127.0.0.1"));
    tcp.setBindPort(port);
    tcp.setPortRange(0);
    List<PhysicalAddress> others = new ArrayList<>();
    for (int node = 0; node < side.nodes(); node++) {
      others.add(new IpAddress("127.0.0.1", side.port(node, 0)));
    }
    TCPPING ping = new TCPPING();
    ping.setInitialHosts2(others);
    ping.setPortRange(0);
    return new JChannel(
        tcp,
        ping,
        new FD_ALL3(),
        new NAKACK2().useMcastXmit(false),
        new UNICAST3(),
        new STABLE(),
        new GMS().printLocalAddress(false),
        new UFC(),
        new MFC(),
        new FRAG4());
  }

  private static JChannel join(Side side, int port, Receiver receiver) throws Exception {
    JChannel channel = channel(side, port);
    channel.setReceiver(receiver);
    channel.connect("group");
    return channel;
  }

  private static AutoCloseable server(Side side) throws Exception {
    JChannel[] channel = new JChannel[1];
    channel[0] =
        join(
            side,
            side.port(),
            new Receiver() {
              @Override
              public void receive(Message message) {
                try {
                  if (!message.getSrc().equals(channel[0].getAddress())
                      && message.getObject().toString().startsWith("message")) {
                    channel[0].send(
                        new ObjectMessage(message.getSrc(), "got " + message.getObject()));
                  }
                } catch (Exception e) {
                  e.printStackTrace();
                }
              }
            });
    return channel[0]::close;
  }

  private static String client(Side side) throws Exception {
    Set<String> answers = ConcurrentHashMap.newKeySet();
    Receiver receiver =
        new Receiver() {
          @Override
          public void receive(Message message) {
            String text = message.getObject();
            if (text.startsWith("got")) {
              answers.add(message.getSrc() + text);
            }
          }
        };
    try (JChannel channel = join(side, side.port(0, 3), receiver)) {
      int members = channel.getView().size();
      for (int i = 0; i < MESSAGES; i++) {
        channel.send(new ObjectMessage(null, "message " + i));
      }
      int wanted = MESSAGES * side.nodes();
      for (int tries = 0; answers.size() < wanted && tries < 600; tries++) {
        Thread.sleep(100);
      }
      Side.check(answers.size() == wanted, answers.size() + " answers of " + wanted);
      return members + " members and " + wanted + " answers";
    }
  }
}
