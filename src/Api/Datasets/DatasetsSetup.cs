namespace Serve.Api.Datasets;

/// <summary>Registers the datasets.</summary>
internal static class DatasetsSetup
{
    public static IServiceCollection AddDatasets(this IServiceCollection services)
        => services.AddSingleton<DatasetCatalogue>().AddHostedService<DemoDataset>();
}
