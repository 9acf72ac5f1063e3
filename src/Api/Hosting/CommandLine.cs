using Serve.Eval;

namespace Serve.Api.Hosting;

/// <summary>The server's switches, as configuration values.</summary>
internal static class CommandLine
{
    /// <summary>What <c>--help</c> prints.</summary>
    public const string Usage = """
        serve [api] [--urls http://127.0.0.1:8080] [--models DIR] [--data DIR] [--workspace DIR] [--device auto]
                    [--default-model NAME] [--demo]

          --urls           addresses to listen on, separated by semicolons
          --models         folder of models: <name>/<version>/model.onnx, <name>/model.onnx or <name>.onnx
          --data           folder of datasets: <name>/annotations/instances_<split>.json and images/
          --workspace      folder of the server's state
          --device         auto, cpu, cuda, cuda:n, tensorrt or tensorrt:n
          --default-model  the model that answers requests which name none (else the first by name)
          --demo           make the generated dataset demo-scenes when it is not there

        serve keys create NAME --role reader|submitter|host|administrator [--expires 90d] [--rate PER_SECOND] [--burst N]
        serve keys list
        serve keys revoke ID

          Keys of the server with the same settings, also while it runs. Where it listens on another address than loopback, requests need one.

        Every setting as an environment variable, with its default:

          SERVE__MODELS                 models
          SERVE__DATA                   data
          SERVE__WORKSPACE              workspace
          SERVE__DEVICE                 auto
          SERVE__DEFAULTMODEL           none
          SERVE__DEMO                   false
          SERVE__MODELVERSIONS          latest     versions of a model that stay in memory: latest or all
          SERVE__PRELOADMODELS          none       models to load at start, separated by commas; * for all
          SERVE__PINNEDMODELS           none       models that are loaded at start and stay in memory: name or name:version
          SERVE__MODELMEMORYBYTES       0          bytes that loaded models may hold together, 0 for no limit
          SERVE__WATCHMODELS            true       follow the models folder while running
          SERVE__MODELSETTLEMILLISECONDS 1000      how long a model's files must stay as they are to be complete
          SERVE__MODELRESCANSECONDS     10         how often to look at the models folder without being told of a change
          SERVE__MANAGEMODELS           none       true or false: change models over HTTP; when not set, with an administrator's key, or if reachable from this machine alone
          SERVE__MAXMODELBYTES          2147483648 largest body of a request that puts a model, in bytes
          SERVE__SUBMITTEDMODELS        true       whether submitters may send ONNX files to leaderboards, which this server then runs
          SERVE__MAXDATASETBYTES        21474836480 largest archive of a dataset, and most bytes of its files, unpacked
          SERVE__MAXDATASETFILES        300000     most files in an archive of a dataset
          SERVE__DATASETROOTS           none       folders, separated by semicolons, below which hosts may register datasets by their path
          SERVE__MAXBYTES               33554432   largest encoded picture, in bytes
          SERVE__MAXDIMENSION           16384      largest width or height of a picture, in pixels
          SERVE__MAXPIXELS              64000000   most pixels of a picture
          SERVE__MAXFILESPERREQUEST     16         most pictures in one detect request
          SERVE__MAXREQUESTBYTES        134217728  largest body of a detect request, in bytes
          SERVE__MAXUPLOADBYTES         268435456  largest body of a request that uploads detections, in bytes
          SERVE__MAXCONCURRENTREQUESTS  32         detect requests that are worked on at the same time
          SERVE__MAXQUEUEDREQUESTS      256        detect requests that wait for their turn; more are answered 503
          SERVE__RUN__THREADS           0          threads of one run on the CPU; 0: a lone request gets all cores, concurrent ones a core each
          SERVE__RUN__RUNNERS           0          runs of a model side by side; 0: one a core on the CPU, one on a GPU
          SERVE__RUN__MAXBATCH          8          most pictures in one run
          SERVE__RUN__BATCHWAITMILLISECONDS 2      longest wait of a busy model for pictures that are being prepared
          SERVE__RUN__QUEUELIMIT        256        requests that wait for one model; more are answered 503
          SERVE__RUN__TIMEOUTMILLISECONDS 0        longest wait of a request for its run, then it is answered 504; 0 for as long as it takes
          SERVE__GPU__MEMORYBYTES       0          most GPU memory of a model; 0 for no limit
          SERVE__GPU__TF32              false      multiply float32 with 10 bits of mantissa
          SERVE__GPU__CONVOLUTIONSEARCH heuristic  how CUDA picks convolution kernels: exhaustive, heuristic, default
          SERVE__GPU__PREFERNHWC        false      lay tensors out as NHWC with CUDA
          SERVE__GPU__FP16              false      half precision with TensorRT
          SERVE__GPU__ENGINECACHE       none       folder in which TensorRT keeps its engines
          SERVE__GPU__WORKSPACEBYTES    0          most working memory of TensorRT; 0 for all there is
          SERVE__GPU__CUDAGRAPHS        false      capture TensorRT's launches as CUDA graphs
          SERVE__RATE__PERSECOND        0          inference requests a second that one client may send; 0 for no limit; more are answered 429
          SERVE__RATE__BURST            10         requests of one client that may come at once
          SERVE__RATE__KEYHEADER        X-Api-Key  header that holds a client's key where the server needs none; without it its address counts
          SERVE__FETCH__ENABLED         false      fetch pictures that requests name by their addresses
          SERVE__FETCH__HOSTS           none       hosts they may be on: images.example.org, *.example.org, example.org:8443, or * for any public one
          SERVE__FETCH__TIMEOUTSECONDS  10         seconds in which a fetched picture has to be there
          SERVE__FETCH__MAXREDIRECTS    3          redirects that are followed, each checked like the first address
          SERVE__ACCESS__MODE           auto       keys: requests need a key; open: none does; auto: open where only this machine reaches the server, else keys
          SERVE__ACCESS__OPENMETRICS    true       /metrics needs no key
          SERVE__AUDITDAYS              400        days for which the audit log is kept
          SERVE__DATABASE__KIND         sqlite     where evaluations are kept: sqlite (a file in the workspace) or postgres
          SERVE__DATABASE__CONNECTION   none       how PostgreSQL is reached: Host=db;Database=serve;Username=serve;Password=...
          SERVE__ROLE                   all        all; api: leaves the jobs to others of the same database; worker: only runs jobs
          SERVE__NODE                   none       name of this server among those of the same database; none: machine and process
          SERVE__SHARDIMAGES            16         images in one shard of an evaluation, the piece of work that is never done twice
          SERVE__MAXCONCURRENTJOBS      2          evaluation jobs that run at the same time
          SERVE__GPUSLOTS               1          those of them that may use the GPU

        Exit codes: 0 stopped, 1 failed while running, 2 bad arguments or settings.
        """;

    private static readonly Dictionary<string, string> ValueSwitches = new(StringComparer.Ordinal)
    {
        ["--urls"] = "urls",
        ["--models"] = "Serve:Models",
        ["--data"] = "Serve:Data",
        ["--workspace"] = "Serve:Workspace",
        ["--device"] = "Serve:Device",
        ["--default-model"] = "Serve:DefaultModel",
    };

    /// <summary>True when the usage text is asked for.</summary>
    public static bool AsksForHelp(string[] args) => args.Any(arg => arg is "--help" or "-h" or "-?");

    /// <summary>Reads the switches; <c>--name value</c> and <c>--name=value</c> are the same.</summary>
    /// <exception cref="InvalidInputException">An unknown switch, or a switch without its value.</exception>
    public static Dictionary<string, string?> Parse(string[] args)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        for (var i = args is ["api", ..] ? 1 : 0; i < args.Length; i++)
        {
            var (name, value) = args[i].IndexOf('=', StringComparison.Ordinal) is var cut and > 0
                ? (args[i][..cut], args[i][(cut + 1)..])
                : (args[i], null);

            if (name == "--demo" && value is null)
            {
                settings["Serve:Demo"] = "true";
                continue;
            }
            if (!ValueSwitches.TryGetValue(name, out var key))
                throw new InvalidInputException($"Unknown argument \"{args[i]}\". Allowed: {string.Join(", ", ValueSwitches.Keys)}, --demo.");
            if (value is null && ++i < args.Length && !args[i].StartsWith("--", StringComparison.Ordinal))
                value = args[i];
            if (string.IsNullOrWhiteSpace(value))
                throw new InvalidInputException($"The switch {name} needs a value, as in: {name} {Example(name)}");
            settings[key] = value;
        }
        return settings;
    }

    /// <summary>Divides the arguments of <c>serve keys …</c> into the server's switches, wherever they stand, and the command.</summary>
    /// <returns>Null when it is another command.</returns>
    public static (string[] Switches, string[] Command)? KeysOf(string[] args)
    {
        List<string> switches = [], command = [];
        var isKeys = false;
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--demo" || ValueSwitches.ContainsKey(args[i].Split('=')[0]))
            {
                switches.Add(args[i]);
                if (ValueSwitches.ContainsKey(args[i]) && i + 1 < args.Length)
                    switches.Add(args[++i]);
            }
            else if (isKeys)
            {
                command.Add(args[i]);
            }
            else if (args[i] == "keys")
            {
                isKeys = true;
            }
            else if (i > 0 || args[i] != "api")
            {
                return null;
            }
        }
        return isKeys ? ([.. switches], [.. command]) : null;
    }

    /// <summary>Checks the addresses to listen on.</summary>
    /// <exception cref="InvalidInputException">One of them is not an http address.</exception>
    public static void CheckUrls(string urls)
    {
        foreach (var url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            if (!IsAddress(url))
                throw new InvalidInputException($"--urls: \"{url}\" is not an address to listen on; expected something like http://127.0.0.1:8080.");
    }

    private static bool IsAddress(string url)
    {
        try
        {
            return BindingAddress.Parse(url) is { Scheme: "http" or "https", Port: >= 0 and <= ushort.MaxValue };
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static string Example(string name) => name switch
    {
        "--urls" => "http://127.0.0.1:8080",
        "--device" => "cpu",
        "--default-model" => "blood-cells",
        _ => $"./{name[2..]}",
    };
}
