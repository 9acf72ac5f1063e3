namespace Serve.Api.Models;

/// <summary>Registers the models.</summary>
internal static class ModelsSetup
{
    public static IServiceCollection AddModels(this IServiceCollection services) => services.AddSingleton<ModelRegistry>();
}
