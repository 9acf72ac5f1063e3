using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Serve.Api.Hosting;
using Serve.Api.Models;
using Serve.Api.Problems;
using Serve.Eval;
using Serve.Inference.Models;
using Serve.Inference.Repository;

namespace Serve.Api.Leaderboards;

/// <summary>
/// The models that were submitted, apart from those that the server serves: nobody lists them, detects with them or evaluates them but the submission that each belongs
/// to. They lie in the workspace, which all servers share, and are loaded by whoever runs their evaluations.
/// </summary>
internal sealed class SubmittedModels : IAsyncDisposable
{
    private const string FolderName = "submissions";
    private const string Prefix = "submission-";
    private const int Version = 1;

    /// <summary>What loaded ones may hold together where the server has no limit for those that it serves.</summary>
    private const long UsualMemoryBytes = 2L << 30;

    /// <summary>Age at which what no submission owns was left by a kill.</summary>
    private static readonly TimeSpan Left = TimeSpan.FromDays(1);

    private readonly Lazy<ModelRepository> _models;
    private readonly string _folder;
    private readonly TimeProvider _time;

    public SubmittedModels(ServeFolders folders, IOptions<ServeOptions> options, TimeProvider time)
    {
        (_folder, _time) = (Path.Combine(folders.Workspace, FolderName), time);
        _models = new(() =>
        {
            Directory.CreateDirectory(_folder);
            var settings = ModelsSetup.OptionsOf(options.Value, time);
            return ModelRepository.Open(_folder, settings with
            {
                DefaultName = null,
                Pinned = [],
                Watch = false,
                MemoryBytes = settings.MemoryBytes > 0 ? settings.MemoryBytes : UsualMemoryBytes,
            });
        });
    }

    /// <summary>The name of a submission's model.</summary>
    public static string NameOf(string submission) => Prefix + submission;

    /// <summary>Whether a name is that of a submission's model; no other model may have such a name.</summary>
    public static bool IsOne(string? name) => name is not null && name.StartsWith(Prefix, StringComparison.Ordinal) && Guid.TryParseExact(name.AsSpan(Prefix.Length), "N", out _);

    /// <summary>Puts a submission's model: its files are written, opened and tried before it is there.</summary>
    /// <param name="submission">The submission.</param>
    /// <param name="write">Writes the graph and what belongs to it into the folder it gets.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>Its passport.</returns>
    /// <exception cref="InvalidInputException">It cannot be run; the message says why.</exception>
    /// <exception cref="RequestRefusedException">507: there is no room for it.</exception>
    public async Task<Passport> PutAsync(string submission, Func<string, CancellationToken, Task> write, CancellationToken ct)
    {
        try
        {
            var put = await StorageFaults.TellAsync(() => _models.Value.PutAsync(NameOf(submission), Version, write, new(), ct), "workspace");
            return put.Version.Passport!;
        }
        catch (ModelUnavailableException fault)
        {
            throw new RequestRefusedException(StatusCodes.Status507InsufficientStorage, fault.Message) { Cause = "no-room" };
        }
    }

    /// <summary>Removes a submission's model, where it has one.</summary>
    public async Task RemoveAsync(string submission, CancellationToken ct)
    {
        if (!Directory.Exists(Path.Combine(_folder, NameOf(submission))))
            return;
        _models.Value.Refresh();
        try
        {
            // Its files are gone at once; what still runs with it ends by itself.
            await _models.Value.DeleteAsync(NameOf(submission), Version, new(), ct).WaitAsync(TimeSpan.FromSeconds(1), _time, ct);
        }
        catch (Exception fault) when (fault is UnknownModelException or TimeoutException)
        {
            // Another removes it at this moment, or a job has yet to let go of it.
        }
    }

    /// <summary>Submissions whose models lie here and are older than a day, so that who made them has either stored them or was killed.</summary>
    public IReadOnlyList<string> Old()
        => Directory.Exists(_folder)
            ? [.. new DirectoryInfo(_folder).EnumerateDirectories($"{Prefix}*").Where(folder => folder.LastWriteTimeUtc < _time.GetUtcNow().UtcDateTime - Left).Select(folder => folder.Name[Prefix.Length..])]
            : [];

    /// <summary>One by its name, as it stands.</summary>
    /// <exception cref="UnknownModelException">It was withdrawn.</exception>
    public ModelVersion Find(string name, int? version)
    {
        if (!Directory.Exists(Path.Combine(_folder, name)))
            throw Gone();
        try
        {
            return _models.Value.Find(name, version);
        }
        catch (UnknownModelException)
        {
            // Another server may have put it.
            return FindAnew(name, version);
        }
    }

    /// <summary>One to run, loaded when it is not yet.</summary>
    /// <exception cref="UnknownModelException">It was withdrawn.</exception>
    public ValueTask<ModelLease> AcquireAsync(string name, int? version, CancellationToken ct)
    {
        var found = Find(name, version);
        return _models.Value.AcquireAsync(name, found.Version, ct);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_models.IsValueCreated)
            await _models.Value.DisposeAsync();
    }

    private ModelVersion FindAnew(string name, int? version)
    {
        _models.Value.Refresh();
        try
        {
            return _models.Value.Find(name, version);
        }
        catch (UnknownModelException)
        {
            throw Gone();
        }
    }

    // The names of the others are nobody's business.
    private static UnknownModelException Gone() => new("The model that was submitted was withdrawn.", []);
}

/// <summary>Writes the passport of a copy of a model: the same under another name.</summary>
internal static class CopiedPassport
{
    /// <summary>Writes <c>model.json</c> beside a graph.</summary>
    /// <param name="folder">The folder of the graph.</param>
    /// <param name="passport">The passport as JSON: that which came with the graph, or lies inside it. Null for a graph without one, whose family is recognised.</param>
    /// <param name="submission">The submission whose model it becomes.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="InvalidInputException">It is no JSON object.</exception>
    public static async Task WriteAsync(string folder, string? passport, string submission, CancellationToken ct)
    {
        if (passport is null)
            return;
        JsonObject fields;
        try
        {
            fields = JsonNode.Parse(passport) as JsonObject ?? throw new InvalidInputException("The passport is no JSON object.");
        }
        catch (JsonException fault)
        {
            throw new InvalidInputException($"The passport cannot be read as JSON: {fault.Message}", fault);
        }
        if (fields["schema"] is null)
            throw new InvalidInputException($"The passport has no \"schema\"; that of this program is {Passport.CurrentSchema}.");
        (fields["name"], fields["version"]) = (SubmittedModels.NameOf(submission), 1);
        await File.WriteAllTextAsync(Path.Combine(folder, Passport.FileName), fields.ToJsonString(), ct);
    }
}
