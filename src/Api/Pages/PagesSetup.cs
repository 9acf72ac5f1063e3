namespace Serve.Api.Pages;

/// <summary>The pages of the server: files, without a step that builds them.</summary>
internal static class PagesSetup
{
    // Scripts, styles and data of this server alone; pictures also from memory, where they lie while a key has to be sent for them.
    private const string Policy = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    public static WebApplication UsePages(this WebApplication app)
    {
        app.UseStaticFiles(new StaticFileOptions { OnPrepareResponse = file => Protect(file.Context.Response) });
        app.UseSwaggerUI(ui =>
        {
            ui.SwaggerEndpoint("/openapi/v1.json", "Serve v1");
            ui.RoutePrefix = "swagger";
            ui.DocumentTitle = "Serve";
        });
        app.Use((context, next) => (context.GetEndpoint(), PagePaths.IsRead(context.Request)) switch
        {
            (null, true) when PagePaths.IsPage(context.Request.Path) => SendAsync(app, context, StatusCodes.Status200OK),
            (null, true) when PagePaths.WantsPage(context.Request) => SendAsync(app, context, StatusCodes.Status404NotFound),
            _ => next(context),
        });
        return app;
    }

    private static async Task SendAsync(WebApplication app, HttpContext context, int status)
    {
        var (file, response) = (app.Environment.WebRootFileProvider.GetFileInfo("index.html"), context.Response);
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = file.Length;
        Protect(response);
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.SendFileAsync(file, context.RequestAborted);
    }

    private static void Protect(HttpResponse response)
    {
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "same-origin";
        // Asked for anew each time, and mostly answered 304: a newer server is not seen with the scripts of an older one.
        response.Headers.CacheControl = "no-cache";
    }
}
