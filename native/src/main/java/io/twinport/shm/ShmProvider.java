package io.twinport.shm;

import io.twinport.host.Headroom;
import io.twinport.host.LocalAddresses;
import io.twinport.host.Starter;
import io.twinport.posix.PosixProcessors;
import io.twinport.shm.connection.ShmConnection;
import io.twinport.shm.link.Occupant;
import io.twinport.shm.rendezvous.TwinNames;
import io.twinport.spi.AcceptCondition;
import io.twinport.spi.Bell;
import io.twinport.spi.Configuration;
import io.twinport.spi.Processors;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanListener;
import io.twinport.spi.SanProvider;
import io.twinport.spi.SanUnavailableException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Shared memory between processes of one host. Starts, and loads native code, when this process is
 * about to listen, or when it connects and there is a twin listener in its network namespace.
 */
public final class ShmProvider implements SanProvider {
  static final String NAME = ShmConnection.PROVIDER;

  private final TwinNames names = new TwinNames();
  private final LocalAddresses addresses = new LocalAddresses();

  /** Set once, by configure. Tests see it. */
  Starter<Node, ShmConnection> starter;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void configure(Configuration configuration) {
    starter = new Start(ShmSettings.read(configuration));
  }

  @Override
  public Set<String> settings() {
    return ShmSettings.NAMES;
  }

  @Override
  public void prepare() {
    starter.prepare();
  }

  @Override
  public boolean serves(InetAddress local) {
    return local.isAnyLocalAddress() || addresses.isLocal(local);
  }

  @Override
  public boolean reaches(InetAddress destination) {
    return addresses.wasLocal(destination);
  }

  @Override
  public SanListener listen(InetSocketAddress local, int backlog, AcceptCondition condition)
      throws IOException {
    Headroom.ensure();
    return starter.start().listeners.listen(local, backlog, condition);
  }

  @Override
  public SanConnection connect(InetSocketAddress remote, InetSocketAddress local)
      throws IOException {
    Headroom.ensure();
    Node started = starter.started();
    if (started == null) {
      if (!names.anyTwin()) {
        throw new SanUnavailableException(Reason.NO_TWIN);
      }
      if (!starter.hasBegun()) {
        ConnectionClasses.load(); // The node does so, too, but may be on its way still.
      }
    }
    ShmConnection connection = new ShmConnection(remote, local);
    boolean begun = false;
    try {
      if (started != null) {
        started.dialler.connect(connection);
      } else {
        starter.connectOnceStarted(connection);
      }
      begun = true;
      return connection;
    } catch (RuntimeException | Error e) {
      begun = connection.wasConnected(); // That can't be withdrawn, so whoever connects has it.
      if (!begun) {
        throw e;
      }
      return connection;
    } finally {
      if (!begun) {
        connection.abort();
      }
    }
  }

  // -- waiting

  @Override
  public boolean isStarted() {
    return starter.started() != null;
  }

  @Override
  public void poll(boolean thoroughly) {
    Node started = starter.started();
    if (started != null) {
      started.links.poll(thoroughly);
    }
  }

  @Override
  public void pollAll() {
    Node started = starter.started();
    if (started != null) {
      started.links.pollAll();
    }
  }

  @Override
  public void announceSleep(Bell bell) {
    Node started = starter.started();
    if (started != null) {
      started.links.announceSleep(bell);
    }
  }

  @Override
  public void announceAwake(Bell bell) {
    Node started = starter.started();
    if (started != null) {
      started.links.announceAwake(bell);
    }
  }

  @Override
  public Processors processors() {
    return starter.started() != null ? PosixProcessors.INSTANCE : null;
  }

  @Override
  public void processEnds() {
    starter.processEnds();
  }

  @Override
  public Map<Long, Reason> refusedPeers() {
    Node started = starter.started();
    return started == null ? Map.of() : started.listeners.refusedPeers();
  }

  @Override
  public List<SanConnection> closing() {
    Node started = starter.started();
    List<SanConnection> closing = new ArrayList<>();
    if (started != null) {
      for (Occupant occupant : started.links.occupants()) {
        if (occupant instanceof ShmConnection connection && connection.isClosing()) {
          closing.add(connection);
        }
      }
    }
    return closing;
  }

  @Override
  public String describe() {
    Node started = starter.started();
    return started == null ? "not started" : started.links.describe();
  }

  private final class Start extends Starter<Node, ShmConnection> {
    private final ShmSettings settings;

    Start(ShmSettings settings) {
      super(NAME, "shared memory", settings.host());
      this.settings = settings;
    }

    @Override
    protected Node create() throws IOException {
      return new Node(settings, addresses);
    }

    @Override
    protected void connect(Node node, ShmConnection connection) throws IOException {
      node.dialler.connect(connection);
    }

    @Override
    protected void end(Node node) {
      node.links.loop().end();
    }

    @Override
    protected void fail(ShmConnection connection, IOException why) {
      connection.fail(why);
    }
  }
}
