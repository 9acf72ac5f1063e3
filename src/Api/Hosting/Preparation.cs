using Microsoft.Extensions.Options;
using Serve.Api.Access;
using Serve.Api.Jobs;
using Serve.Api.Models;
using Serve.Api.Storage;

namespace Serve.Api.Hosting;

/// <summary>What must hold before the first request is answered.</summary>
internal static class Preparation
{
    /// <summary>Checks the settings, makes missing folders, opens the models and the databases.</summary>
    /// <exception cref="OptionsValidationException">A setting is out of its range; every one of them is named.</exception>
    /// <exception cref="IOException">The database cannot be had.</exception>
    /// <exception cref="Serve.Eval.InvalidInputException">The device is not there, a passport or the default model is wrong, keys are needed and there is none, or the workspace is not that of the
    /// database's other servers.</exception>
    public static async Task PrepareAsync(this WebApplication app)
    {
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        _ = app.Services.GetRequiredService<ServeFolders>();
        // Without keys there is nothing to read from an empty database: it is made when there is something to keep, which for many servers is never.
        if (app.Services.GetRequiredService<AccessRule>().NeedsKeys || !app.Services.GetRequiredService<DatabaseFactory>().IsEmpty)
            await app.Services.PrepareStorageAsync(app.Lifetime.ApplicationStopping);
        if (app.Services.GetRequiredService<Node>().Answers)
            await app.Services.PrepareAccessAsync(app.Lifetime.ApplicationStopping);
        await app.Services.PrepareModelsAsync(app.Lifetime.ApplicationStopping);
        await app.Services.PrepareJobsAsync(app.Lifetime.ApplicationStopping);
    }
}
