using Microsoft.Extensions.Options;
using Serve.Api.Hosting;
using Serve.Api.Problems;
using Serve.Eval;
using Serve.Inference.Models;

namespace Serve.Api.Models;

/// <summary>The models this server has: the catalogue of the models folder, and which of them are loaded.</summary>
internal sealed class ModelRegistry : IAsyncDisposable
{
    private readonly ModelCatalogue _catalogue;
    private readonly string? _default;

    /// <exception cref="InvalidInputException">The device is not there, a passport is wrong, or the default model does not exist.</exception>
    public ModelRegistry(ServeFolders folders, IOptions<ServeOptions> options)
    {
        _default = options.Value.DefaultModel;
        _catalogue = ModelCatalogue.Open(folders.Models, options.Value.Device);
        if (_default is not null && !Names.Contains(_default))
            throw new InvalidInputException($"Serve:DefaultModel is \"{_default}\", but there is no such model. Models: {ListOf(Names)}.");
    }

    /// <summary>Passports of all models, all versions, by name and version.</summary>
    public IReadOnlyList<Passport> Passports => _catalogue.Passports;

    /// <summary>Folders that look like models and cannot be served, each with its fault.</summary>
    public IReadOnlyList<string> Faults => _catalogue.Faults;

    /// <summary>Names of the models, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _catalogue.Passports.Select(passport => passport.Name).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The name of the model that answers requests which name none; null when there are no models.</summary>
    public string? DefaultName => _default ?? (Names is [var first, ..] ? first : null);

    /// <summary>The model if it has been loaded, without loading it.</summary>
    public DetectionModel? Loaded(Passport passport) => _catalogue.Loaded.FirstOrDefault(model => model.Passport.Name == passport.Name && model.Passport.Version == passport.Version);

    /// <summary>The passports of a model's versions, rising.</summary>
    /// <exception cref="RequestRefusedException">404: there is no such model; the message lists those there are.</exception>
    public IReadOnlyList<Passport> Versions(string name)
    {
        Passport[] versions = [.. Passports.Where(passport => passport.Name == name).OrderBy(passport => passport.Version)];
        return versions.Length > 0 ? versions : throw Unknown($"There is no model \"{name}\".");
    }

    /// <summary>The passport of a model: the default model and the highest version where none is asked for.</summary>
    /// <exception cref="RequestRefusedException">404: there is no such model or version; the message lists those there are.</exception>
    public Passport Find(string? name, int? version)
    {
        var versions = Versions(name ?? DefaultName ?? throw Unknown("This server has no models. Put one into its models folder."));
        if (version is null)
            return versions[^1];
        return versions.FirstOrDefault(passport => passport.Version == version)
            ?? throw Unknown($"Model \"{versions[0].Name}\" has no version {version}; its versions are {ListOf(versions.Select(passport => $"{passport.Version}"))}.");
    }

    /// <summary>The model of a passport, loaded when it is not yet.</summary>
    public Task<DetectionModel> LoadAsync(Passport passport, CancellationToken ct) => _catalogue.GetAsync(passport.Name, passport.Version, ct);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _catalogue.DisposeAsync();

    private RequestRefusedException Unknown(string message)
        => new RequestRefusedException(StatusCodes.Status404NotFound, Names.Count > 0 ? $"{message} Models: {ListOf(Names)}." : message).With("models", Names);

    private static string ListOf(IEnumerable<string> names) => string.Join(", ", names.DefaultIfEmpty("none"));
}
