using System.CommandLine;
using System.Globalization;
using Serve.Eval;
using Serve.Inference.Models;
using Serve.Inference.Repository;

namespace Serve.Cli.Models;

/// <summary>The options that name a model and a device, the same in every command.</summary>
internal static class ModelOptions
{
    public static Option<string> Model() => new("--model") { Description = "Name of a model in the models folder, or an ONNX file.", Required = true };

    public static Option<DirectoryInfo?> Models() => new("--models") { Description = "Models folder; ./models when not given." };

    public static Option<string> Device() => new("--device") { Description = "auto, cpu, cuda or cuda:N.", DefaultValueFactory = _ => "auto" };

    /// <summary>Loads the model that the options name: a file, a folder, or a name with an optional version (<c>name:2</c>).</summary>
    public static async Task<LoadedModel> LoadAsync(string model, DirectoryInfo? modelsFolder, string device, CancellationToken ct)
    {
        if (model.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) || File.Exists(Path.Combine(model, DetectionModel.GraphFileName)))
        {
            var loaded = DetectionModel.Load(model, device);
            return new LoadedModel(loaded, loaded);
        }

        var colon = model.LastIndexOf(':');
        var name = colon < 0 ? model : model[..colon];
        int? version = colon < 0 ? null : int.TryParse(model[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidInputException($"--model {model}: the version after the colon must be a whole number.");
        var repository = OpenRepository(modelsFolder, device);
        try
        {
            var lease = await repository.AcquireAsync(name, version, ct);
            return new LoadedModel(lease.Model, repository, lease);
        }
        catch
        {
            await repository.DisposeAsync();
            throw;
        }
    }

    /// <summary>The models of the folder that the options name.</summary>
    public static ModelRepository OpenRepository(DirectoryInfo? modelsFolder, string device)
        => ModelRepository.Open(Folder(modelsFolder), new ModelRepositoryOptions { Models = new DetectionModelOptions { Device = device } });

    /// <summary>The models folder: the one given, else <c>models</c> here, else that of the repository that <c>./serve</c> runs from.</summary>
    public static string Folder(DirectoryInfo? given)
    {
        if (given is not null)
        {
            return given.FullName;
        }

        var home = Environment.GetEnvironmentVariable("SERVE_HOME");
        return Directory.Exists("models") || home is null ? Path.GetFullPath("models") : Path.Combine(home, "models");
    }

    public static int AtLeastOne(string option, int value)
        => value >= 1 ? value : throw new InvalidInputException($"{option}: got {value}, allowed are whole numbers from 1.");
}
