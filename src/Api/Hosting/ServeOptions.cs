using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Serve.Api.Access;
using Serve.Api.Detection.Fetching;
using Serve.Api.Limits;
using Serve.Api.Models;
using Serve.Api.Storage;
using Serve.Inference.Pictures;

namespace Serve.Api.Hosting;

/// <summary>Settings of the server: the configuration section <c>Serve</c>, environment variables <c>SERVE__NAME</c>, or command-line switches.</summary>
public sealed class ServeOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Serve";

    /// <summary>Folder of the models: <c>name/version/model.onnx</c>, <c>name/model.onnx</c> or <c>name.onnx</c>. Created when missing.</summary>
    [Required(ErrorMessage = "must name a folder.")]
    public string Models { get; set; } = "models";

    /// <summary>Folder of the datasets, one folder each. Created when missing.</summary>
    [Required(ErrorMessage = "must name a folder.")]
    public string Data { get; set; } = "data";

    /// <summary>Folder of the server's state: databases of evaluations and jobs. Created when missing.</summary>
    [Required(ErrorMessage = "must name a folder.")]
    public string Workspace { get; set; } = "workspace";

    /// <summary>The device that models run on: <c>auto</c>, <c>cpu</c>, <c>cuda</c>, <c>cuda:n</c>, <c>tensorrt</c> or <c>tensorrt:n</c>.</summary>
    [Required(ErrorMessage = "must be auto, cpu, cuda, cuda:n, tensorrt or tensorrt:n.")]
    [RegularExpression(@"auto|cpu|(cuda|tensorrt)(:\d{1,3})?", ErrorMessage = "must be auto, cpu, cuda, cuda:n, tensorrt or tensorrt:n.")]
    public string Device { get; set; } = "auto";

    /// <summary>The model that answers requests which name none. Without it: the first by name.</summary>
    public string? DefaultModel { get; set; }

    /// <summary>Which versions of a model stay in memory where its <c>policy.json</c> says nothing: <c>latest</c> or <c>all</c>.</summary>
    [RegularExpression("latest|all", ErrorMessage = "must be latest or all.")]
    public string ModelVersions { get; set; } = "latest";

    /// <summary>Models that are loaded at start, by name, separated by commas; <c>*</c> for all.</summary>
    public string? PreloadModels { get; set; }

    /// <summary>Models that are loaded at start and never unloaded for another: names, or <c>name:version</c>, separated by commas.</summary>
    public string? PinnedModels { get; set; }

    /// <summary>Bytes that loaded models may hold together; the least recently used is unloaded for another. 0 for no limit.</summary>
    [Range(0, long.MaxValue)]
    public long ModelMemoryBytes { get; set; }

    /// <summary>Follows the models folder: what is added, replaced, or removed there is served or not while the server runs.</summary>
    public bool WatchModels { get; set; } = true;

    /// <summary>Milliseconds for which a model's files must stay as they are before they are taken for complete.</summary>
    [Range(0, 3_600_000)]
    public int ModelSettleMilliseconds { get; set; } = 1000;

    /// <summary>Seconds after which the models folder is looked at without having been told of a change, as on network shares.</summary>
    [Range(1, 86_400)]
    public int ModelRescanSeconds { get; set; } = 10;

    /// <summary>
    /// Whether models can be put, deleted, loaded and unloaded over HTTP. Not set: by administrators' keys, and where no key is needed when the server listens on
    /// this machine only.
    /// </summary>
    public bool? ManageModels { get; set; }

    /// <summary>Whether submitters may send ONNX files to leaderboards, which this server then runs.</summary>
    public bool SubmittedModels { get; set; } = true;

    /// <summary>Largest body of a request that puts a model, in bytes.</summary>
    [Range(1, long.MaxValue)]
    public long MaxModelBytes { get; set; } = 2L << 30;

    /// <summary>Largest archive of a dataset, and most bytes of its files, unpacked.</summary>
    [Range(1, long.MaxValue)]
    public long MaxDatasetBytes { get; set; } = 20L << 30;

    /// <summary>Most files in an archive of a dataset.</summary>
    [Range(1, 10_000_000)]
    public int MaxDatasetFiles { get; set; } = 300_000;

    /// <summary>Folders of this machine below which hosts may register datasets by their path, separated by semicolons; none unless it is set.</summary>
    public string? DatasetRoots { get; set; }

    /// <summary>Largest encoded picture, in bytes.</summary>
    [Range(1, int.MaxValue)]
    public int MaxBytes { get; set; } = 32 << 20;

    /// <summary>Largest width or height of a picture, in pixels.</summary>
    [Range(1, 1_000_000)]
    public int MaxDimension { get; set; } = 16_384;

    /// <summary>Largest number of pixels of a picture.</summary>
    [Range(1, 700_000_000)]
    public int MaxPixels { get; set; } = 64_000_000;

    /// <summary>Most pictures in one detect request.</summary>
    [Range(1, 1000)]
    public int MaxFilesPerRequest { get; set; } = 16;

    /// <summary>Largest body of a detect request, all its pictures together, in bytes.</summary>
    [Range(1, int.MaxValue)]
    public int MaxRequestBytes { get; set; } = 128 << 20;

    /// <summary>Largest body of a request that uploads detections, in bytes.</summary>
    [Range(1, int.MaxValue)]
    public int MaxUploadBytes { get; set; } = 256 << 20;

    /// <summary>Detect requests that are worked on at the same time.</summary>
    [Range(1, 10_000)]
    public int MaxConcurrentRequests { get; set; } = 32;

    /// <summary>Detect requests that wait for their turn; more are answered 503 with Retry-After.</summary>
    [Range(0, 100_000)]
    public int MaxQueuedRequests { get; set; } = 256;

    /// <summary>How models are run.</summary>
    public RunOptions Run { get; set; } = new();

    /// <summary>How models are run on a GPU.</summary>
    public GpuOptions Gpu { get; set; } = new();

    /// <summary>How many inference requests a client may send.</summary>
    public RateOptions Rate { get; set; } = new();

    /// <summary>Pictures that requests name by their addresses.</summary>
    public FetchOptions Fetch { get; set; } = new();

    /// <summary>Who may use the server.</summary>
    public AccessOptions Access { get; set; } = new();

    /// <summary>Days for which the audit log is kept.</summary>
    [Range(1, 36_500)]
    public int AuditDays { get; set; } = 400;

    /// <summary>Where the server keeps its state.</summary>
    public DatabaseOptions Database { get; set; } = new();

    /// <summary><c>all</c>: answers, and runs jobs. <c>api</c>: leaves the jobs to others of the same database. <c>worker</c>: only runs jobs.</summary>
    [Required(ErrorMessage = "must be all, api or worker.")]
    [RegularExpression("all|api|worker", ErrorMessage = "must be all, api or worker.")]
    public string Role { get; set; } = "all";

    /// <summary>Name of this server among those of the same database. Without it: the machine's and the number of the process.</summary>
    [RegularExpression("[A-Za-z0-9._-]{1,100}", ErrorMessage = "must be 1 to 100 letters, digits, dots, hyphens or underscores.")]
    public string? Node { get; set; }

    /// <summary>Images in one shard of an evaluation: the piece of work that is never done twice.</summary>
    [Range(1, 100_000)]
    public int ShardImages { get; set; } = 16;

    /// <summary>Evaluation jobs that run at the same time on this machine.</summary>
    [Range(1, 256)]
    public int MaxConcurrentJobs { get; set; } = 2;

    /// <summary>Those of them that may use the GPU of this machine.</summary>
    [Range(1, 256)]
    public int GpuSlots { get; set; } = 1;

    /// <summary>Makes the generated dataset <c>demo-scenes</c> in the data folder at start-up when it is not there.</summary>
    public bool Demo { get; set; }

    /// <summary>What the decoder accepts.</summary>
    internal PictureLimits PictureLimits => new() { MaxBytes = MaxBytes, MaxDimension = MaxDimension, MaxPixels = MaxPixels };

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Role != "all" && !Database.IsPostgres)
            yield return new ValidationResult(
                $"is {Role}, and Serve:Database:Kind is sqlite, which one server has for itself: it has to do everything. Set that to postgres, or leave this out.", [nameof(Role)]);
    }
}

/// <summary>Checks <see cref="ServeOptions"/> and reports every broken one by its whole name: <c>Serve:Run:MaxBatch</c>.</summary>
public sealed class ServeOptionsValidator : IValidateOptions<ServeOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ServeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        List<string> failures =
        [
            .. Failures(ServeOptions.Section, options),
            .. Failures($"{ServeOptions.Section}:{nameof(options.Run)}", options.Run),
            .. Failures($"{ServeOptions.Section}:{nameof(options.Gpu)}", options.Gpu),
            .. Failures($"{ServeOptions.Section}:{nameof(options.Rate)}", options.Rate),
            .. Failures($"{ServeOptions.Section}:{nameof(options.Fetch)}", options.Fetch),
            .. Failures($"{ServeOptions.Section}:{nameof(options.Access)}", options.Access),
            .. Failures($"{ServeOptions.Section}:{nameof(options.Database)}", options.Database),
        ];
        return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }

    private static IEnumerable<string> Failures(string section, object values)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(values, new ValidationContext(values), results, validateAllProperties: true);
        return from result in results
               let member = result.MemberNames.First()
               select $"{section}:{member}: {result.ErrorMessage!.Replace($"The field {member} ", "", StringComparison.Ordinal)}";
    }
}
