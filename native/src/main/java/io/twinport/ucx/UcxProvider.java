package io.twinport.ucx;

import io.twinport.config.Log;
import io.twinport.config.Subnet;
import io.twinport.host.LocalAddresses;
import io.twinport.host.Starter;
import io.twinport.posix.PosixProcessors;
import io.twinport.spi.AcceptCondition;
import io.twinport.spi.Bell;
import io.twinport.spi.Configuration;
import io.twinport.spi.Processors;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanListener;
import io.twinport.spi.SanProvider;
import io.twinport.spi.SanUnavailableException;
import io.twinport.ucp.Status;
import io.twinport.ucp.UcpException;
import io.twinport.ucx.UcxSettings.Transport;
import io.twinport.ucx.connection.UcxConnection;
import io.twinport.ucx.connection.UcxListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * RDMA between hosts, through UCX. Starts, and loads UCX, when this process listens on an address
 * of an RDMA device, or connects to one in such an address's subnet.
 */
public final class UcxProvider implements SanProvider {
  static final String NAME = UcxConnection.PROVIDER;

  private static final int PORTS = 65_535;

  private final Path sysfs;
  private final LocalAddresses addresses = new LocalAddresses();
  private final AtomicBoolean saidThatThereIsNoDevice = new AtomicBoolean();

  // set once, by configure
  private UcxSettings settings;
  private ServedAddresses served;
  private RememberedPeers remembered;
  private Start starter;

  /** Used by {@link java.util.ServiceLoader}. */
  public UcxProvider() {
    this(ServedAddresses.SYSFS);
  }

  /**
   * @param sysfs where RDMA devices are listed
   */
  UcxProvider(Path sysfs) {
    this.sysfs = sysfs;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void configure(Configuration configuration) {
    settings = UcxSettings.read(configuration);
    served = new ServedAddresses(settings, sysfs);
    remembered = new RememberedPeers(TimeUnit.SECONDS.toNanos(settings.retrySeconds()));
    starter = new Start();
  }

  @Override
  public boolean serves(InetAddress local) {
    if (!served.anyDevice()) {
      sayThatThereIsNoDevice();
      return false;
    }
    return local.isAnyLocalAddress() || served.serves(local);
  }

  /**
   * In a subnet of an address that is served. Addresses of this host are left to shared memory,
   * where that is enabled.
   */
  @Override
  public boolean reaches(InetAddress destination) {
    if (!served.anyDevice()) {
      sayThatThereIsNoDevice();
      return false;
    }
    return addresses.wasLocal(destination)
        ? served.serves(destination) && !settings.leavesHostToShm()
        : served.reaches(destination);
  }

  private void sayThatThereIsNoDevice() {
    if (!saidThatThereIsNoDevice.getAndSet(true)) {
      Log.warn(
          settings.interfaces().isEmpty() && settings.transport() == Transport.RDMA
              ? "ucx: there is no RDMA device with a network interface in "
                  + sysfs
                  + ", connections go by TCP: load its driver, or take ucx out of"
                  + " twinport.providers"
              : "ucx: there is no network interface to serve, connections go by TCP: see"
                  + " twinport.ucx.interfaces");
    }
  }

  // -- listening

  @Override
  public SanListener listen(InetSocketAddress local, int backlog, AcceptCondition condition)
      throws IOException {
    UcxNode node = starter.start();
    UcxListener listener =
        new UcxListener(node, local, backlog, settings.host().backlogFull(), condition);
    InetAddress wanted = local.getAddress();
    boolean open = false;
    UcpException inUse = null;
    List<Subnet> all = served.served();
    node.lock();
    try {
      for (Subnet own : all) {
        if (wanted.isAnyLocalAddress() || wanted.equals(own.address())) {
          try {
            InetSocketAddress address = new InetSocketAddress(own.address(), local.getPort());
            node.doors().open(listener, address, at(address));
            open = true;
          } catch (UcpException e) {
            Log.debug(() -> "ucx: no door: " + Log.cause(e));
            inUse = e;
          }
        }
      }
    } finally {
      node.unlock();
    }
    if (!open && inUse != null) {
      throw new SanUnavailableException(
          inUse.status() == Status.BUSY ? Reason.NAME_TAKEN : Reason.PROVIDER_FAILED,
          Log.cause(inUse),
          inUse);
    }
    return listener;
  }

  /** Where UCX listens for an address: over TCP the application's own port is TCP's already. */
  private InetSocketAddress at(InetSocketAddress address) {
    if (settings.transport() == Transport.RDMA) {
      return address;
    }
    int port = (address.getPort() - 1 + settings.portOffset()) % PORTS + 1;
    return new InetSocketAddress(address.getAddress(), port);
  }

  // -- connecting

  private record Dial(
      UcxConnection connection, InetSocketAddress remote, InetSocketAddress local) {}

  @Override
  public SanConnection connect(InetSocketAddress remote, InetSocketAddress local)
      throws IOException {
    Reason known = remembered.reason(remote, System.nanoTime());
    if (known != null) {
      throw new SanUnavailableException(known);
    }
    if (local != null && settings.transport() == Transport.TCP) {
      // the kernel's TCP would give that port to UCX only once the application's socket is closed
      throw new SanUnavailableException(Reason.BOUND_ADDRESS);
    }
    UcxConnection connection = new UcxConnection(remote);
    starter.connectOnceStarted(new Dial(connection, remote, local));
    return connection;
  }

  /** On the node's thread, with its lock held. Whatever happens, the connect comes to its end. */
  private void dial(UcxNode node, Dial dial) {
    long began = System.nanoTime();
    IOException why = new SanUnavailableException(Reason.PROVIDER_FAILED);
    Endpoint endpoint = null;
    boolean dialling = false;
    try {
      endpoint = node.endpoints().connect(at(dial.remote), dial.local);
      boolean wanted =
          dial.connection.dialled(
              node, endpoint, settings.connectMillis(), end -> decided(dial.remote, began, end));
      if (!wanted) {
        endpoint.abort();
      }
      dialling = true;
    } catch (SanUnavailableException e) {
      why = e;
    } catch (UcpException e) {
      why =
          new SanUnavailableException(
              e.status() == Status.UNREACHABLE || e.status() == Status.INVALID_ADDRESS
                  ? Reason.NO_TWIN
                  : Reason.PROVIDER_FAILED,
              Log.cause(e),
              e);
    } finally {
      if (!dialling) {
        if (endpoint != null) {
          endpoint.abort();
        }
        IOException failure = why;
        decided(dial.remote, began, failure);
        node.afterwards(() -> dial.connection.fail(failure));
      }
    }
  }

  /** A connect that began then has ended; with that, if it has failed. */
  private void decided(InetSocketAddress remote, long began, IOException why) {
    long now = System.nanoTime();
    if (why instanceof SanUnavailableException unavailable) {
      remembered.failed(remote, unavailable.reason(), began, now);
    } else {
      remembered.answered(remote, now);
    }
  }

  private final class Start extends Starter<UcxNode, Dial> {
    Start() {
      super(NAME, "UCX", settings.host());
    }

    @Override
    protected UcxNode create() throws IOException {
      return new UcxNode(settings);
    }

    @Override
    protected void connect(UcxNode node, Dial dial) {
      node.execute(() -> dial(node, dial));
    }

    @Override
    protected void fail(Dial dial, IOException why) {
      dial.connection.fail(why);
    }
  }

  // -- waiting

  @Override
  public boolean isStarted() {
    return starter.started() != null;
  }

  @Override
  public void poll(boolean thoroughly) {
    UcxNode node = starter.started();
    if (node != null) {
      node.poll();
    }
  }

  /** Nothing to say: whoever moves the worker on posts to the seats of this process himself. */
  @Override
  public void announceSleep(Bell bell) {}

  @Override
  public void announceAwake(Bell bell) {}

  @Override
  public Processors processors() {
    return isStarted() ? PosixProcessors.INSTANCE : null;
  }

  @Override
  public String describe() {
    UcxNode node = starter.started();
    return node == null ? "not started" : node.describe();
  }
}
