package io.twinport.ucx;

import io.twinport.config.Log;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanUnavailableException;
import io.twinport.ucp.Status;
import io.twinport.ucp.UcpException;
import io.twinport.ucx.connection.UcxConnection;
import java.io.IOException;
import java.net.InetSocketAddress;

/** A connect of the application's, from the wait for the node on. */
final class Dial {
  private final RememberedPeers remembered;
  private final InetSocketAddress remote;
  private final InetSocketAddress local;
  private final UcxConnection connection;

  /**
   * @param remembered told of what becomes of it
   * @param local the address that the application has bound, or null
   */
  Dial(RememberedPeers remembered, InetSocketAddress remote, InetSocketAddress local) {
    this.remembered = remembered;
    this.remote = remote;
    this.local = local;
    this.connection = new UcxConnection(remote);
  }

  SanConnection connection() {
    return connection;
  }

  void fail(IOException why) {
    connection.fail(why);
  }

  /** On the node's thread, with its lock held. Whatever happens, the connect comes to its end. */
  void begin(UcxNode node) {
    long began = System.nanoTime();
    IOException why = new SanUnavailableException(Reason.PROVIDER_FAILED);
    Endpoint endpoint = null;
    boolean dialling = false;
    try {
      endpoint = node.endpoints().connect(node.at(remote), local);
      boolean wanted =
          connection.dialled(
              node, endpoint, node.settings().connectMillis(), end -> decided(began, end));
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
        decided(began, failure);
        node.afterwards(() -> fail(failure));
      }
    }
  }

  /** The connect, which began then, has ended; with that, if it has failed. */
  private void decided(long began, IOException why) {
    long now = System.nanoTime();
    if (why instanceof SanUnavailableException unavailable) {
      remembered.failed(remote, unavailable.reason(), began, now);
    } else {
      remembered.answered(remote, now);
    }
  }
}
