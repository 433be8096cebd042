"""Labels of Windows' messages in other languages than English, and the label in English for each.

A message is made in the language of the machine that shows it: what is exported from a German, a French, a
Spanish or a Portuguese machine has its labels. They are those of the messages of the audit and of the service
manager; versions of Windows differ in some, and all of them stand here. A label that is not here gives
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from comity.findings.rows import fold

_LABELS: Final = """
subject = Antragsteller, Ersteller, Erstellersubjekt, Ersteller-Antragsteller
  = Sujet, Objet créateur, Sujet du créateur
  = Sujeto, Firmante, Asunto, Asunto del creador, Firmante creador, Sujeto creador
  = Assunto, Requerente, Entidade, Entidade do Criador
target subject = Zielantragsteller, Zielsubjekt
  = Objet cible, Sujet de la cible, Sujet cible
  = Asunto de destino, Firmante de destino, Sujeto de destino
  = Entidade de Destino
target account = Zielkonto, Compte cible, Cuenta de destino, Conta de Destino
new account = Neues Konto, Nouveau compte, Nueva cuenta, Nova Conta
new logon = Neue Anmeldung, Nouvelle ouverture de session, Nuevo inicio de sesión, Novo Logon
account for which logon failed =
  = Konto, für das die Anmeldung fehlgeschlagen ist
  = Konto, für das ein Anmeldefehler aufgetreten ist
  = Compte pour lequel l'ouverture de session a échoué
  = Cuenta con error de inicio de sesión, Cuenta para la que se produjo un error de inicio de sesión
  = Conta para a qual o Logon Falhou
account whose credentials were used =
  = Konto, dessen Anmeldeinformationen verwendet wurden
  = Compte dont les informations d'identification ont été utilisées
  = Cuenta cuyas credenciales se usaron
account that was locked out = Konto, das gesperrt wurde
  = Gesperrtes Konto
  = Compte verrouillé, Cuenta bloqueada
account information = Kontoinformationen, Informations sur le compte, Información de cuenta
group = Gruppe, Groupe, Grupo
new group = Neue Gruppe, Nouveau groupe, Nuevo grupo, Novo Grupo
security id = Sicherheits-ID, ID de sécurité, Id. de seguridad, ID de Segurança
account name = Kontoname, Nom du compte, Nombre de cuenta, Nombre de la cuenta, Nome da Conta
account domain = Kontodomäne, Domaine du compte, Domaine de comptes, Dominio de cuenta
  = Dominio de la cuenta, Domínio da Conta
logon id = Anmelde-ID, ID d'ouverture de session, ID de connexion, Id. de inicio de sesión, ID de Logon
logon guid = Anmelde-GUID, GUID d'ouverture de session, GUID de inicio de sesión, GUID de Logon
group name = Gruppenname, Nom du groupe, Nombre de grupo, Nombre del grupo, Nome do Grupo
group domain = Gruppendomäne, Domaine du groupe, Dominio de grupo, Dominio del grupo, Domínio do Grupo
accesses = Zugriffe, Zugriff, Accès, Accesos
access mask = Zugriffsmaske, Masque d'accès, Máscara de acceso, Máscara de Acesso
application name = Anwendungsname, Nom de l'application, Nombre de aplicación, Nome do Aplicativo
authentication package = Authentifizierungspaket, Package d'authentification
  = Paquete de autenticación, Pacote de Autenticação
client address = Clientadresse, Adresse du client, Dirección de cliente, Dirección del cliente
client port = Clientport, Port client, Port du client, Puerto de cliente, Puerto del cliente
creator process name = Erstellerprozessname, Nom du processus créateur, Nombre de proceso creador
  = Nombre de proceso del creador, Nombre del proceso creador, Nome do Processo do Criador
destination address = Zieladresse, Adresse de destination, Dirección de destino, Endereço de Destino
destination port = Zielport, Port de destination, Puerto de destino, Porta de Destino
direction = Richtung, Sens, Direction, Dirección, Direção
failure code = Fehlercode, Code d'échec, Código de error, Código de Falha
key length = Schlüssellänge, Longueur de la clé, Longueur de clé, Longitud de clave
logon process = Anmeldeprozess, Processus d'ouverture de session, Proceso de inicio de sesión
  = Processo de Logon
logon type = Anmeldetyp, Type d'ouverture de session, Type de connexion, Tipo de inicio de sesión
  = Tipo de Logon
mandatory label = Verbindliche Beschriftung, Étiquette obligatoire, Etiqueta obligatoria
  = Rótulo Obrigatório
new account name = Neuer Kontoname, Nouveau nom de compte, Nuevo nombre de cuenta
old account name = Alter Kontoname, Ancien nom de compte, Nombre de cuenta antiguo
sam account name = SAM-Kontoname, Nom du compte SAM, Nom de compte SAM, Nombre de cuenta SAM
new process id = ID des neuen Prozesses, Neue Prozess-ID, ID du nouveau processus
  = Id. del nuevo proceso, Id. de nuevo proceso, Id. de proceso nuevo, ID do Novo Processo
new process name = Neuer Prozessname, Name des neuen Prozesses, Nom du nouveau processus
  = Nombre del nuevo proceso, Nombre de nuevo proceso, Nombre de proceso nuevo, Nome do Novo Processo
new value = Neuer Wert, Nouvelle valeur, Nuevo valor, Valor nuevo, Novo Valor
object name = Objektname, Nom de l'objet, Nom d'objet, Nombre de objeto, Nombre del objeto, Nome do Objeto
object server = Objektserver, Serveur de l'objet, Serveur d'objets, Servidor de objeto
  = Servidor de objetos, Servidor do Objeto
object type = Objekttyp, Type d'objet, Type de l'objet, Tipo de objeto, Tipo do Objeto
object value name = Objektwertname, Nom de la valeur de l'objet, Nom de valeur de l'objet
  = Nombre de valor de objeto, Nombre del valor del objeto
operation type = Vorgangstyp, Type d'opération, Tipo de operación, Tipo de Operação
privileges = Berechtigungen, Privilèges, Privilegios, Privilégios
process command line = Prozessbefehlszeile, Befehlszeile des Prozesses, Ligne de commande du processus
  = Línea de comandos de proceso, Línea de comandos del proceso, Linha de Comando do Processo
process name = Prozessname, Nom du processus, Nom de processus, Nombre de proceso, Nombre del proceso
  = Nome do Processo
protocol = Protokoll, Protocole, Protocolo
relative target name = Relativer Zielname, Nom de cible relatif, Nom cible relatif, Nom relatif de la cible
  = Nombre de destino relativo, Nombre relativo de destino, Nome de Destino Relativo
service account = Dienstkonto, Compte de service, Compte du service, Cuenta de servicio
  = Cuenta del servicio, Conta de Serviço
service file name = Dienstdateiname, Name der Dienstdatei, Nom du fichier de service
  = Nom du fichier du service, Nombre de archivo de servicio, Nombre del archivo de servicio
  = Nome do Arquivo do Serviço, Nome do Arquivo de Serviço
service name = Dienstname, Nom du service, Nom de service, Nombre de servicio, Nombre del servicio
  = Nome do Serviço
service start type = Dienststarttyp, Starttyp des Diensts, Type de démarrage du service
  = Tipo de inicio de servicio, Tipo de inicio del servicio, Tipo de Início do Serviço
service type = Diensttyp, Type de service, Type du service, Tipo de servicio, Tipo de Serviço
share name = Freigabename, Nom du partage, Nom de partage, Nombre de recurso compartido
  = Nombre del recurso compartido, Nome do Compartilhamento
share path = Freigabepfad, Chemin d'accès du partage, Chemin du partage
  = Ruta de acceso de recurso compartido, Ruta de acceso del recurso compartido
source address = Quelladresse, Adresse source, Dirección de origen, Endereço de Origem
source network address = Quellnetzwerkadresse, Adresse du réseau source, Adresse réseau source
  = Dirección de red de origen, Endereço de Rede de Origem
source port = Quellport, Port source, Puerto de origen, Porta de Origem
source workstation = Quellarbeitsstation, Station de travail source, Estación de trabajo de origen
sub status = Unterstatus, Sous-état, Sous-statut, Subestado, Substatus
status = Status, État, Statut, Estado
task name = Aufgabenname, Nom de la tâche, Nom de tâche, Nombre de tarea, Nombre de la tarea
  = Nome da Tarefa
ticket encryption type = Ticketverschlüsselungstyp, Type de chiffrement du ticket
  = Tipo de cifrado de vale, Tipo de cifrado del vale, Tipo de Criptografia de Tíquete
ticket options = Ticketoptionen, Options de ticket, Options du ticket, Opciones de vale
  = Opciones del vale, Opções de Tíquete
workstation name = Arbeitsstationsname, Name der Arbeitsstation, Nom de la station de travail
  = Nombre de estación de trabajo, Nombre de la estación de trabajo, Nome da Estação de Trabalho
"""


@lru_cache(maxsize=1)
def _table() -> Mapping[str, str]:
    found: dict[str, str] = {}
    english = ""
    for line in filter(None, _LABELS.splitlines()):
        begin, _, told = line.partition("=")
        english, told = begin.strip() or english, told.strip()
        # Of a label that holds a comma, the whole line is one.
        for label in [told] if told.startswith("Konto, ") else filter(None, told.split(", ")):
            found.setdefault(plain(label), english)
    return MappingProxyType(found)


def plain(label: str) -> str:
    """A label as the table has it: folded, with one kind of apostrophe."""
    return fold(label.replace("\u2019", "'"))


def in_english(label: str) -> str:
    """The label in English for one, folded; the label itself, folded, where it is in no other language."""
    folded = plain(label)
    return _table().get(folded, folded)
