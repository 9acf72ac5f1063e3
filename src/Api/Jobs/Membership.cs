using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Serve.Api.Hosting;
using Serve.Api.Jobs.Storage;
using Serve.Api.Storage;
using Serve.Eval;

namespace Serve.Api.Jobs;

/// <summary>Takes this process in among those that share the database, if its name and its workspace are right.</summary>
internal sealed partial class Membership(
    DatabaseFactory databases, Node node, WorkerStore workers, JobEngine engine, ServeFolders folders, TimeProvider time, ILogger<Membership> log)
{
    private const string FileName = "cluster.json";
    private const string Setting = "cluster";
    private const string IdField = "id";

    /// <summary>Joins. One process does so at a time: whoever looks finds what those before it have written.</summary>
    /// <exception cref="InvalidInputException">The workspace is not that of the others, or one of the same name is alive.</exception>
    /// <exception cref="IOException">The workspace cannot be read or written.</exception>
    // Not part of its caller, as StorageSetup.PrepareStorageAsync is none.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public async Task JoinAsync(CancellationToken ct)
    {
        await RequireOwnNameAsync(ct);
        await using var db = (PostgresDatabase)await databases.CreateDbContextAsync(ct);
        await db.AloneAsync(PostgresDatabase.JoiningLock, async token =>
        {
            await RequireSharedWorkspaceAsync(db, token);
            await workers.SeenAsync(token);
            await engine.OpenAsync(token);
        }, ct);
    }

    private async Task RequireOwnNameAsync(CancellationToken ct)
    {
        if ((await FindAsync(ct)) is not { IsAlive: true } before)
            return;
        // One that was killed leaves its name behind; one that lives is seen again.
        LogWaiting(node.Name, before.SeenAt);
        await Task.Delay(2 * WorkerStore.Period, time, ct);
        if ((await FindAsync(ct)) is { IsAlive: true } after && after.SeenAt > before.SeenAt)
            throw new InvalidInputException(
                $"Serve:Node: \"{node.Name}\" is the name of another server of this database, which is alive (seen at {after.SeenAt:u}). Give this one a name of its own.");
    }

    private async Task<Worker?> FindAsync(CancellationToken ct) => (await workers.ListAsync(ct)).SingleOrDefault(worker => worker.Name == node.Name);

    private async Task RequireSharedWorkspaceAsync(ServeDatabase db, CancellationToken ct)
    {
        var path = Path.Combine(folders.Workspace, FileName);
        var setting = await db.Settings.SingleOrDefaultAsync(row => row.Name == Setting, ct);
        var here = await ReadAsync(path, ct);
        if (setting is not null && here == setting.Value)
            return;
        if (setting is not null && here is not null)
            throw new InvalidInputException(
                $"The workspace {folders.Workspace} belongs to another database: its {FileName} says {here}, the database says {setting.Value}. Name the workspace of this "
                + $"database, or delete the file where this folder is to be its workspace from now on.");
        if (setting is not null && (await workers.ListAsync(ct)).Where(worker => worker.IsAlive && worker.Name != node.Name).ToList() is { Count: > 0 } others)
            throw new InvalidInputException(
                $"The workspace {folders.Workspace} is not that of the other servers of this database, which have written {FileName} into theirs. Alive: "
                + $"{string.Join(", ", others.Select(worker => worker.Name))}. Servers of one database share the workspace and the data folder.");

        // A new database, a new workspace, or both: whoever comes alone decides. A folder from before is refused from then on.
        var id = here ?? Guid.NewGuid().ToString("N");
        await WriteAsync(path, id, ct);
        if (setting is null)
            db.Add(setting = new SettingRow { Name = Setting, Value = id });
        setting.Value = id;
        await db.SaveChangesAsync(ct);
        LogTied(folders.Workspace, id);
    }

    private static async Task<string?> ReadAsync(string path, CancellationToken ct)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            if (JsonNode.Parse(await File.ReadAllTextAsync(path, ct)) is JsonObject cluster && cluster[IdField] is JsonValue value && value.TryGetValue<string>(out var id))
                return id;
        }
        catch (JsonException)
        {
            // Said below, with what is expected.
        }
        throw new InvalidInputException($"{path} is not what a server wrote: expected {{\"id\": \"…\"}}.");
    }

    private static async Task WriteAsync(string path, string id, CancellationToken ct)
    {
        var partial = $"{path}.partial";
        await File.WriteAllTextAsync(partial, new JsonObject { [IdField] = id }.ToJsonString(), ct);
        File.Move(partial, path, overwrite: true);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A server called {Name} was seen at {SeenAt:u}; waiting whether it is alive.")]
    private partial void LogWaiting(string name, DateTime seenAt);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Workspace} is the workspace of this database from now on ({Id}).")]
    private partial void LogTied(string workspace, string id);
}
