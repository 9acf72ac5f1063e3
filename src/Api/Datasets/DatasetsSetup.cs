using Serve.Api.Datasets.Pictures;
using Serve.Api.Datasets.Storage;

namespace Serve.Api.Datasets;

/// <summary>Registers the datasets.</summary>
internal static class DatasetsSetup
{
    public static IServiceCollection AddDatasets(this IServiceCollection services)
        => services.AddSingleton<DatasetStore>().AddSingleton<DatasetPlaces>().AddSingleton<DatasetCatalogue>().AddSingleton<DatasetDescriptions>()
            .AddSingleton<DatasetImages>().AddSingleton<DatasetPictures>().AddSingleton<DatasetUpload>().AddSingleton<DatasetRequestCheck>().AddSingleton<DatasetRegistration>().AddHostedService<DemoDataset>();
}
