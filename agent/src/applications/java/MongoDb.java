import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Sorts;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.ArrayList;
import java.util.List;
import org.bson.Document;

/** MongoDB's driver with a server in Java. */
final class MongoDb {
  private static final int DOCUMENTS = 1000;

  private MongoDb() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, MongoDb::server, MongoDb::client);
  }

  private static AutoCloseable server(Side side) {
    MongoServer server = new MongoServer(new MemoryBackend());
    server.bind("127.0.0.1", side.port());
    return server::shutdown;
  }

  private static String client(Side side) {
    try (MongoClient client = MongoClients.create("mongodb://127.0.0.1:" + side.port())) {
      MongoCollection<Document> collection = client.getDatabase("test").getCollection("documents");
      List<Document> documents = new ArrayList<>();
      for (int i = 0; i < DOCUMENTS; i++) {
        documents.add(new Document("_id", i).append("name", "n".repeat(i)));
      }
      collection.insertMany(documents);
      int read = 0;
      for (Document each : collection.find(Filters.gte("_id", 100)).sort(Sorts.descending("_id"))) {
        Side.check(each.getString("name").length() == each.getInteger("_id"), "" + each);
        read++;
      }
      Side.check(
          collection
                  .updateOne(Filters.eq("_id", 7), new Document("$set", new Document("name", "")))
                  .getModifiedCount()
              == 1,
          "updated");
      collection.drop();
      return read + " documents of " + DOCUMENTS;
    }
  }
}
