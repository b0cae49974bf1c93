# The steps that CI runs, one command each; stops at the first that fails (PowerShell 7.4 or later).
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

dotnet restore McpActors.sln
dotnet format McpActors.sln --verify-no-changes --no-restore
dotnet build McpActors.sln --no-restore
dotnet test McpActors.sln --no-build
dotnet publish src/McpActors.Gateway/McpActors.Gateway.csproj --configuration Release --output artifacts/publish
